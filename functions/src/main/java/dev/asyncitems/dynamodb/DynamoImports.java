package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.dynamodb.Transactions.Outcome;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.imports.Chunk;
import dev.asyncitems.imports.Import;
import dev.asyncitems.imports.ImportStore;
import dev.asyncitems.item.Item;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * The imports in DynamoDB. One table holds imports and chunks; only imports are in its timeline.
 * Thread-safe.
 */
public final class DynamoImports implements ImportStore {
  // A transaction's first action marks the chunk done.
  private static final int CHUNK = 0;

  private final DynamoDb dynamoDb;
  private final DynamoDbAsyncTable<ImportRow> imports;
  private final DynamoDbAsyncTable<ChunkRow> chunks;
  private final Optional<String> itemsTable;
  private final Optional<Duration> retention;
  private final DynamoOutbox outbox;
  private final Timeline<ImportRow> timeline;
  private final IdempotencyRecords<ImportRow> idempotencyRecords;

  /**
   * @param itemsTable empty for a function that imports no items
   * @param idempotencyTable empty for a function that adds no imports
   * @param retention the time for which imports are kept; empty to keep them forever
   * @param outbox the outbox entries of the same table
   */
  public DynamoImports(
      DynamoDb dynamoDb,
      String table,
      Optional<String> itemsTable,
      Optional<String> idempotencyTable,
      Optional<Duration> retention,
      DynamoOutbox outbox) {
    this.dynamoDb = dynamoDb;
    this.itemsTable = itemsTable;
    this.retention = retention;
    this.outbox = outbox;
    imports = dynamoDb.table(table, ImportRow.SCHEMA);
    chunks = dynamoDb.table(table, ChunkRow.TYPE.schema());
    timeline = new Timeline<>(dynamoDb, imports, row -> row.id);
    idempotencyRecords = new IdempotencyRecords<>(dynamoDb, imports, idempotencyTable);
  }

  @Override
  public CompletableFuture<Optional<Import>> add(
      Import accepted,
      List<Chunk> parts,
      List<OutboxEntry> entries,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline) {
    Optional<Long> expiresAt =
        retention.map(kept -> accepted.createdAt().plus(kept).getEpochSecond());
    ImportRow row = ImportRow.of(accepted, dynamoDb.shards(), expiresAt);
    List<Map<String, AttributeValue>> rows = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      OutboxEntry entry = entries.get(i);
      ChunkRow chunk =
          ChunkRow.TYPE.queued(
              Task.queued(entry.id(), parts.get(i)), entry, dynamoDb.shards().of(entry.id()));
      chunk.shard = null; // keeps it out of the timeline
      chunk.expiresAt = expiresAt.orElse(null);
      rows.add(chunks.tableSchema().itemToMap(chunk, true));
    }
    return idempotencyRecords
        .add(row, rows, idempotencyKey, deadline)
        .thenApply(earlier -> earlier.map(ImportRow::toImport));
  }

  @Override
  public CompletableFuture<Optional<Import>> find(UUID id, Deadline deadline) {
    return Rows.find(imports, id, deadline)
        .thenApply(found -> found.filter(this::isKept).map(ImportRow::toImport))
        .thenCompose(found ->
            withChunks(found.stream().toList(), Set.of(ChunkRow.LINES), true, deadline)
                .thenApply(all -> all.stream().findFirst()));
  }

  @Override
  public CompletableFuture<Page<Import>> page(PageRequest request, Deadline deadline) {
    return timeline
        .page(request, deadline)
        .thenCompose(page ->
            withChunks(
                    page.rows().stream().filter(this::isKept).map(ImportRow::toImport).toList(),
                    Set.of(ChunkRow.LINES, ChunkRow.FAULTS),
                    false,
                    deadline)
                .thenApply(all -> new Page<>(all, page.next())));
  }

  // DynamoDB deletes expired rows late, and each row at its own time.
  private boolean isKept(ImportRow row) {
    return row.isImport() && !row.isExpired(dynamoDb.clock().instant());
  }

  private CompletableFuture<List<Import>> withChunks(
      List<Import> found, Set<String> unread, boolean consistent, Deadline deadline) {
    Set<String> attributes = new HashSet<>(chunks.tableSchema().attributeNames());
    attributes.removeAll(unread);
    return Rows.findAll(
            dynamoDb,
            chunks,
            found.stream().flatMap(one -> one.chunkIds().stream()).toList(),
            attributes,
            consistent,
            deadline)
        .thenApply(rows -> {
          Map<UUID, Task<Chunk>> byId =
              rows.stream()
                  .map(ChunkRow::task)
                  .collect(Collectors.toMap(Task::id, Function.identity()));
          return found.stream()
              .map(one ->
                  new Import(
                      one.id(),
                      one.total(),
                      one.chunkIds().stream().filter(byId::containsKey).map(byId::get).toList()))
              .toList();
        });
  }

  @Override
  public CompletableFuture<Optional<Task<Chunk>>> chunk(UUID id, Deadline deadline) {
    return Rows.find(chunks, id, deadline)
        .thenApply(found -> found.filter(ChunkRow::isChunk).map(ChunkRow::task));
  }

  @Override
  public CompletableFuture<Effect> complete(
      Task<Chunk> seen, Chunk.Result result, List<Item> items, Attempt attempt, Deadline deadline) {
    // A transaction cannot fall back as RowUpdate.send does, so it adds to the count that was read.
    // A failed attempt that is recorded meanwhile is not counted.
    String attempts = String.valueOf(seen.attempts() + 1);
    RowUpdate done =
        outbox.completion(attempt).set(OutboxAttributes.ATTEMPTS, AttributeValue.fromN(attempts));
    ChunkRow row = new ChunkRow();
    row.set(new Chunk(seen.data().number(), Optional.empty(), result));
    Map<String, AttributeValue> values = chunks.tableSchema().itemToMap(row, true);
    for (String attribute : ChunkRow.DATA) {
      if (values.containsKey(attribute)) {
        done.set(attribute, values.get(attribute));
      } else {
        done.remove(attribute);
      }
    }
    List<TransactWriteItem> actions = new ArrayList<>();
    actions.add(done.action(chunks.tableName(), seen.id()));
    items.stream().map(this::put).forEach(actions::add);
    Effect effect = seen.status() == TaskStatus.FAILED ? Effect.REPLAYED : Effect.DONE;
    return Transactions.write(dynamoDb, deadline, actions)
        .thenApply(outcome ->
            switch (outcome) {
              case Outcome.Written() -> effect;
              case Outcome.ConditionFailed failed when failed.failed(CHUNK) -> {
                Map<String, AttributeValue> now = failed.reasons().get(CHUNK).item();
                yield now.isEmpty()
                    ? Effect.UNKNOWN
                    : done.isOwn(now) ? effect : Effect.ALREADY_DONE;
              }
              case Outcome.ConditionFailed _ ->
                  throw new IllegalStateException("an item with a new id exists already");
              case Outcome.Busy() ->
                  throw new IllegalStateException("write() returned Busy although it retries");
            });
  }

  private TransactWriteItem put(Item item) {
    Put put =
        Put.builder()
            .tableName(
                itemsTable.orElseThrow(
                    () -> new IllegalStateException("items need a table of items")))
            .item(ItemRow.SCHEMA.itemToMap(ItemRow.of(item, dynamoDb.shards()), true))
            .conditionExpression("attribute_not_exists(id)")
            .build();
    return TransactWriteItem.builder().put(put).build();
  }
}
