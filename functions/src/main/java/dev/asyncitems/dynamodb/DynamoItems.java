package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.dynamodb.Transactions.Outcome;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemStore;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Delete;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;

/** The store of items in DynamoDB. Thread-safe. */
public final class DynamoItems implements ItemStore {
  private final DynamoDb dynamoDb;
  private final DynamoDbAsyncTable<ItemRow> table;
  private final Timeline<ItemRow> timeline;
  private final IdempotencyRecords<ItemRow> idempotencyRecords;

  /** Creates a store. A function that adds no items needs no {@code idempotencyTable}. */
  public DynamoItems(DynamoDb dynamoDb, String table, Optional<String> idempotencyTable) {
    this.dynamoDb = dynamoDb;
    this.table = dynamoDb.table(table, ItemRow.SCHEMA);
    timeline = new Timeline<>(dynamoDb, this.table, ItemRow::id);
    idempotencyRecords = new IdempotencyRecords<>(dynamoDb, this.table, idempotencyTable);
  }

  @Override
  public CompletableFuture<Optional<Item>> find(UUID id, Deadline deadline) {
    return Rows.find(table, id, deadline).thenApply(row -> row.map(ItemRow::toItem));
  }

  @Override
  public CompletableFuture<Optional<Item>> add(
      Item item, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    return idempotencyRecords
        .add(ItemRow.of(item, dynamoDb.shards()), idempotencyKey, deadline)
        .thenApply(earlier -> earlier.map(ItemRow::toItem));
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
  public CompletableFuture<Boolean> remove(UUID id, Deadline deadline) {
    Delete delete =
        Delete.builder()
            .tableName(table.tableName())
            .key(key(id))
            .conditionExpression("attribute_exists(id)")
            .build();
    TransactWriteItem action = TransactWriteItem.builder().delete(delete).build();
    return Transactions.write(dynamoDb, deadline, List.of(action))
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
  // fractions and reads a missing or invalid version as 1.
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

  /** The lowest version that does not fit into a long. */
  private static final AttributeValue END =
      AttributeValue.fromN(BigDecimal.valueOf(Long.MAX_VALUE).add(BigDecimal.ONE).toString());

  private CompletableFuture<Write> write(TransactWriteItem action, Deadline deadline) {
    return Transactions.tryOnce(dynamoDb, deadline, action).thenApply(this::toWrite);
  }

  private Write toWrite(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Written() -> new Write.Written();
      case Outcome.Busy() -> new Write.Busy();
      case Outcome.ConditionFailed failed -> {
        dynamoDb.contention().conflict();
        Map<String, AttributeValue> now = failed.reasons().getFirst().item();
        yield new Write.Conflict(
            now.isEmpty() ? Optional.empty() : Optional.of(ItemRow.SCHEMA.mapToItem(now).toItem()));
      }
    };
  }

  @Override
  public CompletableFuture<Page<Item>> page(PageRequest request, Deadline deadline) {
    return timeline.page(request, deadline).thenApply(page -> page.map(ItemRow::toItem));
  }

  private static Map<String, AttributeValue> key(UUID id) {
    return Map.of("id", AttributeValue.fromS(id.toString()));
  }
}
