package dev.asyncitems.dynamodb;

import static dev.asyncitems.dynamodb.OutboxAttributes.DELETED_AT;
import static dev.asyncitems.dynamodb.OutboxAttributes.STATUS;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.outbox.TaskStore;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.sdk.Calls;
import dev.asyncitems.value.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/** The tasks of one kind in DynamoDB. Thread-safe. */
public final class DynamoTasks<D, R extends TaskRow<D>> implements TaskStore<D> {
  // Longer than a message can live: 4 days in its queue, 14 in the dead-letter queue and, moved
  // back from there, 4 more.
  private static final Duration TOMBSTONE_LIFE = Duration.ofDays(30);

  private final DynamoDb dynamoDb;
  private final TaskRow.Type<D, R> type;
  private final DynamoDbAsyncTable<R> table;
  private final Timeline<R> timeline;
  private final DynamoOutbox outbox;
  private final IdempotencyRecords<R> idempotencyRecords;

  /** Creates a store. A function that adds no tasks needs no {@code idempotencyTable}. */
  public DynamoTasks(
      DynamoDb dynamoDb,
      String table,
      TaskRow.Type<D, R> type,
      Optional<String> idempotencyTable,
      DynamoOutbox outbox) {
    this.dynamoDb = dynamoDb;
    this.outbox = outbox;
    this.type = type;
    this.table = dynamoDb.table(table, type.schema());
    timeline = new Timeline<>(dynamoDb, this.table, row -> row.id);
    idempotencyRecords = new IdempotencyRecords<>(dynamoDb, this.table, idempotencyTable);
  }

  @Override
  public CompletableFuture<Optional<Task<D>>> add(
      Task<D> task, OutboxEntry entry, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    R row = type.queued(task, entry, dynamoDb.shards().of(task.id()));
    return idempotencyKey.isPresent()
        ? idempotencyRecords
            .add(row, idempotencyKey, deadline)
            .thenApply(earlier -> earlier.map(TaskRow::task))
        : add(row, deadline);
  }

  // Without a record, nothing must be written together with the row. A plain put takes half of the
  // units of a transaction.
  private CompletableFuture<Optional<Task<D>>> add(R row, Deadline deadline) {
    Map<String, AttributeValue> added = table.tableSchema().itemToMap(row, true);
    PutItemRequest put =
        PutItemRequest.builder()
            .tableName(table.tableName())
            .item(added)
            .conditionExpression("attribute_not_exists(id)")
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return put(put, 1, new AtomicBoolean(), dynamoDb.retries().patience(deadline), deadline)
        .exceptionallyCompose(RowUpdate.ifConditionFailed(found -> isSame(added, found)))
        .thenApply(isOurs -> {
          if (!isOurs) {
            throw new IllegalStateException("a row with this new id exists already");
          }
          return Optional.empty();
        });
  }

  // If the row may have been written, only a retry can tell, so patience does not apply.
  private CompletableFuture<Boolean> put(
      PutItemRequest put, int attempt, AtomicBoolean lost, Deadline patience, Deadline deadline) {
    return Calls.start("DynamoDB", deadline, lost, () -> dynamoDb.client().putItem(put))
        .thenApply(response -> true)
        .exceptionallyCompose(failure ->
            Calls.wasBusy(failure)
                ? dynamoDb
                    .retries()
                    .pause(attempt, lost.get() ? deadline : patience)
                    .thenCompose(next -> put(put, next, lost, patience, deadline))
                : CompletableFuture.failedFuture(failure));
  }

  /**
   * Returns whether a row that was found under a new id is the added one, which an earlier attempt
   * wrote. Its task may have made progress, and somebody may have deleted it since. A tombstone has
   * nothing to compare. But the id has 74 random bits, and no client knew it before the row was
   * there.
   */
  static boolean isSame(Map<String, AttributeValue> added, Map<String, AttributeValue> found) {
    return found.containsKey(DELETED_AT)
        || added.entrySet().stream()
            .filter(attribute -> !OutboxAttributes.PROGRESS.contains(attribute.getKey()))
            // DynamoDB may return another form of a number, such as 1.5 for 1.50.
            .filter(attribute -> attribute.getValue().s() != null)
            .allMatch(attribute -> attribute.getValue().equals(found.get(attribute.getKey())));
  }

  @Override
  public CompletableFuture<Optional<Task<D>>> find(UUID id, Deadline deadline) {
    return Rows.find(table, id, deadline)
        .thenApply(found -> found.filter(row -> !row.outbox.isDeleted()).map(TaskRow::task));
  }

  // The row becomes a tombstone, since a message of an unknown id would be dead-lettered. A
  // tombstone is done, so nothing writes to it, and no index has it. A put removes all other
  // attributes, whichever release wrote them.
  @Override
  public CompletableFuture<Boolean> delete(UUID id, Deadline deadline) {
    Instant now = Times.now(dynamoDb.clock());
    Map<String, AttributeValue> tombstone =
        Map.of(
            "id",
            AttributeValue.fromS(id.toString()),
            STATUS,
            AttributeValue.fromS(TaskStatus.DONE.text()),
            DELETED_AT,
            AttributeValue.fromS(Times.text(now)),
            IdempotencyRecords.EXPIRES_AT,
            IdempotencyRecords.seconds(now.plus(TOMBSTONE_LIFE)),
            RowUpdate.LAST_WRITE,
            AttributeValue.fromS(RowUpdate.newToken()));
    PutItemRequest put =
        PutItemRequest.builder()
            .tableName(table.tableName())
            .item(tombstone)
            .conditionExpression(
                "attribute_exists(id) AND attribute_not_exists(" + DELETED_AT + ")")
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return Calls.start("DynamoDB", deadline, () -> dynamoDb.client().putItem(put))
        .thenApply(response -> true)
        // After a lost response, the row is this very tombstone.
        .exceptionallyCompose(RowUpdate.ifConditionFailed(tombstone::equals));
  }

  @Override
  public CompletableFuture<Page<Task<D>>> page(
      Optional<TaskStatus> status, PageRequest request, Deadline deadline) {
    boolean pending = status.filter(wanted -> wanted != TaskStatus.DONE).isPresent();
    CompletableFuture<Page<UUID>> ids =
        pending
            ? outbox.page(status.get(), request, deadline)
            : timeline.page(request, deadline).thenApply(page -> page.map(EntryRow::uuid));
    // The indexes hold no data. Only the outbox index may also have a stale status, so that its
    // rows are worth a consistent read, which takes twice the units.
    return ids.thenCompose(page ->
        Rows.findAll(dynamoDb, table, page.rows(), Set.of(), pending, deadline)
            .thenApply(rows ->
                new Page<>(rows, page.next())
                    .filter(row -> !row.outbox.isDeleted())
                    .<Task<D>>map(TaskRow::task)
                    .filter(task -> status.isEmpty() || task.status() == status.get())));
  }
}
