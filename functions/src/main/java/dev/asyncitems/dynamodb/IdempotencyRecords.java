package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.dynamodb.Transactions.Outcome;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.rejection.Rejection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/** A writer that adds a row and its idempotency record in one transaction. Thread-safe. */
final class IdempotencyRecords<R> {
  /** The time for which a key is remembered. */
  static final Duration RETENTION = Duration.ofHours(24);

  // The position of the record's action in the transaction. The first action adds the row.
  private static final int RECORD = 1;

  private static final String KEY = "key";
  private static final String FINGERPRINT = "fingerprint";
  static final String EXPIRES_AT = "expiresAt";
  private static final String RESULT = "result";

  private final DynamoDb dynamoDb;
  private final DynamoDbAsyncTable<R> rows;
  private final Optional<String> records;

  /** Creates a writer. Without a table of records, it accepts no idempotency keys. */
  IdempotencyRecords(DynamoDb dynamoDb, DynamoDbAsyncTable<R> rows, Optional<String> records) {
    this.dynamoDb = dynamoDb;
    this.rows = rows;
    this.records = records;
  }

  /**
   * Adds a row with a new id.
   *
   * @return the row that an earlier request with the same key added; empty if this request added
   *     its row. Fails with {@link Rejection} if the key was used for another request.
   */
  CompletableFuture<Optional<R>> add(
      R row, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    return add(row, List.of(), idempotencyKey, deadline);
  }

  /**
   * Adds a row with a new id as {@link #add} does, and further rows of the same table.
   *
   * @param others at most 98 rows with new ids
   */
  CompletableFuture<Optional<R>> add(
      R row,
      List<Map<String, AttributeValue>> others,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline) {
    Map<String, AttributeValue> attributes = rows.tableSchema().itemToMap(row, true);
    List<Put.Builder> puts = new ArrayList<>();
    puts.add(put(attributes));
    idempotencyKey.ifPresent(key -> puts.add(record(key, attributes)));
    others.forEach(other -> puts.add(put(other)));
    List<TransactWriteItem> actions =
        puts.stream().map(put -> TransactWriteItem.builder().put(put.build()).build()).toList();
    return Transactions.write(dynamoDb, deadline, actions)
        .thenApply(outcome ->
            switch (outcome) {
              case Outcome.Written() -> Optional.empty();
              case Outcome.ConditionFailed failed
                  when idempotencyKey.isPresent() && failed.failed(RECORD) ->
                  Optional.of(earlier(failed.reasons().get(RECORD).item(), idempotencyKey.get()));
              case Outcome.ConditionFailed _ ->
                  throw new IllegalStateException("a row with this new id exists already");
              case Outcome.Busy() ->
                  throw new IllegalStateException("write() returned Busy although it retries");
            });
  }

  private Put.Builder put(Map<String, AttributeValue> row) {
    return Put.builder()
        .tableName(rows.tableName())
        .item(row)
        .conditionExpression("attribute_not_exists(id)");
  }

  // DynamoDB deletes expired records late, so the condition checks the expiry too.
  private Put.Builder record(IdempotencyKey key, Map<String, AttributeValue> result) {
    Instant now = dynamoDb.clock().instant();
    return Put.builder()
        .tableName(
            records.orElseThrow(
                () -> new IllegalStateException("an idempotency key needs a table of records")))
        .item(
            Map.of(
                KEY, AttributeValue.fromS(key.key()),
                FINGERPRINT, AttributeValue.fromS(key.fingerprint()),
                EXPIRES_AT, seconds(now.plus(RETENTION)),
                RESULT, AttributeValue.fromM(result)))
        .conditionExpression("attribute_not_exists(#key) OR #expiresAt <= :now")
        .expressionAttributeNames(Map.of("#key", KEY, "#expiresAt", EXPIRES_AT))
        .expressionAttributeValues(Map.of(":now", seconds(now)))
        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD);
  }

  static AttributeValue seconds(Instant time) {
    return AttributeValue.fromN(String.valueOf(time.getEpochSecond()));
  }

  private R earlier(Map<String, AttributeValue> record, IdempotencyKey key) {
    if (!AttributeValue.fromS(key.fingerprint()).equals(record.get(FINGERPRINT))) {
      throw new Rejection(Rejection.Reason.KEY_REUSED);
    }
    AttributeValue result =
        Objects.requireNonNull(record.get(RESULT), "the idempotency record has no result");
    return rows.tableSchema().mapToItem(result.m());
  }
}
