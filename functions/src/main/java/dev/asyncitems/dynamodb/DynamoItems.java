package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.dynamodb.Transactions.Outcome;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemId;
import dev.asyncitems.item.ItemStore;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import dev.asyncitems.rejection.Result;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedAsyncClient;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Delete;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.Update;

/** The store of items in DynamoDB. Thread-safe. */
public final class DynamoItems implements ItemStore {
  private final DynamoDbAsyncClient client;
  private final DynamoDbAsyncTable<ItemRow> table;
  private final IndexPages<ItemRow> timeline;
  private final IdempotencyRecords<ItemRow> idempotencyRecords;
  private final Shards shards;
  private final Contention contention;

  /**
   * @param idempotencyTable empty for a function that adds no items
   * @param shards the shards of the timeline
   * @param contention counts conflicts and skipped rows
   */
  public DynamoItems(
      DynamoDbAsyncClient client,
      String table,
      Optional<String> idempotencyTable,
      Shards shards,
      Contention contention,
      Clock clock) {
    this.contention = contention;
    this.client = client;
    this.shards = shards;
    DynamoDbEnhancedAsyncClient enhanced =
        DynamoDbEnhancedAsyncClient.builder().dynamoDbClient(client).extensions().build();
    this.table = enhanced.table(table, ItemRow.SCHEMA);
    timeline =
        new IndexPages<>(
            this.table.index(Timeline.INDEX), shards, ItemRow::id, ItemRow::hasKey, contention);
    idempotencyRecords =
        new IdempotencyRecords<>(enhanced, this.table, ItemRow.class, idempotencyTable, clock);
  }

  @Override
  public CompletableFuture<Optional<Item>> find(ItemId id, Deadline deadline) {
    return Rows.find(table, id.value(), deadline).thenApply(row -> row.map(ItemRow::toItem));
  }

  @Override
  public CompletableFuture<Result<Accepted<Item>>> add(
      Item item, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    return idempotencyRecords
        .add(ItemRow.of(item, shards), idempotencyKey, deadline)
        .thenApply(result ->
            result.map(accepted -> new Accepted<>(accepted.value().toItem(), accepted.replayed())));
  }

  @Override
  public CompletableFuture<Write> replace(Item seen, Item next, Deadline deadline) {
    SchemaUpdate change = SchemaUpdate.of(ItemRow.SCHEMA, ItemRow.of(next));
    Map<String, AttributeValue> values = new HashMap<>(versionOf(seen));
    values.putAll(change.values());
    Update update =
        Update.builder()
            .tableName(table.tableName())
            .key(key(seen.id()))
            .conditionExpression(isAtVersion(seen))
            .updateExpression(change.expression())
            .expressionAttributeNames(change.names())
            .expressionAttributeValues(values)
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return write(TransactWriteItem.builder().update(update).build(), deadline);
  }

  @Override
  public CompletableFuture<Boolean> remove(ItemId id, Deadline deadline) {
    Delete delete =
        Delete.builder()
            .tableName(table.tableName())
            .key(key(id))
            .conditionExpression("attribute_exists(id)")
            .build();
    TransactWriteItem action = TransactWriteItem.builder().delete(delete).build();
    return Transactions.write(deadline, token -> send(action, token))
        .thenApply(Outcome.Written.class::isInstance);
  }

  @Override
  public CompletableFuture<Write> remove(Item seen, Deadline deadline) {
    Delete delete =
        Delete.builder()
            .tableName(table.tableName())
            .key(key(seen.id()))
            .conditionExpression(isAtVersion(seen))
            .expressionAttributeValues(versionOf(seen))
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return write(TransactWriteItem.builder().delete(delete).build(), deadline);
  }

  // The condition must hold for every row that ItemRow reads as this version. ItemRow truncates
  // fractions, and reads a missing or invalid version as 1.
  private static String isAtVersion(Item seen) {
    return seen.version() == 1
        ? "attribute_exists(id) AND (version < :next OR version >= :end"
            + " OR NOT attribute_type(version, :number))"
        : "version >= :seen AND version < :next";
  }

  private static Map<String, AttributeValue> versionOf(Item seen) {
    BigDecimal version = BigDecimal.valueOf(seen.version());
    AttributeValue next = AttributeValue.fromN(version.add(BigDecimal.ONE).toString());
    return seen.version() == 1
        ? Map.of(":next", next, ":end", END, ":number", AttributeValue.fromS("N"))
        : Map.of(":next", next, ":seen", AttributeValue.fromN(version.toString()));
  }

  /** The smallest number that does not fit a long. */
  private static final AttributeValue END =
      AttributeValue.fromN(BigDecimal.valueOf(Long.MAX_VALUE).add(BigDecimal.ONE).toString());

  private CompletableFuture<Write> write(TransactWriteItem action, Deadline deadline) {
    return Transactions.tryOnce(deadline, token -> send(action, token)).thenApply(this::toWrite);
  }

  private CompletableFuture<TransactWriteItemsResponse> send(
      TransactWriteItem action, String token) {
    return client.transactWriteItems(
        TransactWriteItemsRequest.builder()
            .clientRequestToken(token)
            .transactItems(action)
            .build());
  }

  private Write toWrite(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Written() -> new Write.Written();
      case Outcome.Busy() -> new Write.Busy();
      case Outcome.ConditionFailed failed -> {
        contention.conflict();
        Map<String, AttributeValue> now = failed.reasons().getFirst().item();
        yield new Write.Conflict(
            now.isEmpty() ? Optional.empty() : Optional.of(ItemRow.SCHEMA.mapToItem(now).toItem()));
      }
    };
  }

  @Override
  public CompletableFuture<Page<Item>> page(PageRequest request, Deadline deadline) {
    return timeline
        .latest(
            request.limit(),
            shard -> Key.builder().partitionValue(shard),
            request.after().map(position -> position.id().toString()),
            deadline)
        .thenApply(merged ->
            IndexPages.page(merged, row -> Position.of(UUID.fromString(row.id())))
                .map(ItemRow::toItem));
  }

  private static Map<String, AttributeValue> key(ItemId id) {
    return Map.of("id", AttributeValue.fromS(id.toString()));
  }
}
