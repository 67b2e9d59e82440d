package dev.asyncitems.dynamodb;

import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.primaryPartitionKey;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.dynamodb.Transactions.Outcome;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.rejection.Rejection;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.EnhancedType;
import software.amazon.awssdk.enhanced.dynamodb.Expression;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;
import software.amazon.awssdk.enhanced.dynamodb.model.TransactPutItemEnhancedRequest;
import software.amazon.awssdk.enhanced.dynamodb.model.TransactWriteItemsEnhancedRequest;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/**
 * A writer of rows with idempotency records. It adds each row and its record in one transaction.
 *
 * @param <R> the row's type
 */
final class IdempotencyRecords<R> {
  /** The time for which a key is remembered. */
  static final Duration RETENTION = Duration.ofHours(24);

  // The transaction's first action adds the row.
  private static final int RECORD = 1;

  private static final Expression IS_NEW =
      Expression.builder()
          .expression("attribute_not_exists(#id)")
          .putExpressionName("#id", "id")
          .build();

  private final DynamoDb dynamoDb;
  private final DynamoDbAsyncTable<R> rows;
  private final Optional<DynamoDbAsyncTable<RecordRow<R>>> records;

  /** Creates a writer. Without a table of records it accepts no idempotency key. */
  IdempotencyRecords(
      DynamoDb dynamoDb,
      DynamoDbAsyncTable<R> rows,
      Class<R> rowType,
      Optional<String> recordsTable) {
    this.dynamoDb = dynamoDb;
    this.rows = rows;
    this.records =
        recordsTable.map(
            name -> dynamoDb.table(name, RecordRow.schema(rowType, rows.tableSchema())));
  }

  /**
   * Adds a row with a new id.
   *
   * @return the row that an earlier request with the same key added; empty if this request added
   *     its row. Fails with {@link Rejection} if the key was used for another request.
   */
  CompletableFuture<Optional<R>> add(
      R row, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    TransactWriteItemsEnhancedRequest.Builder transaction =
        TransactWriteItemsEnhancedRequest.builder()
            .addPutItem(
                rows,
                TransactPutItemEnhancedRequest.builder(rows.tableSchema().itemType().rawClass())
                    .item(row)
                    .conditionExpression(IS_NEW)
                    .build());
    idempotencyKey.ifPresent(given -> addRecord(transaction, given, row));
    return Transactions.write(
            dynamoDb.retries(),
            deadline,
            token ->
                dynamoDb
                    .enhanced()
                    .transactWriteItems(transaction.clientRequestToken(token).build()))
        .thenApply(outcome ->
            switch (outcome) {
              case Outcome.Written() -> Optional.empty();
              case Outcome.ConditionFailed failed when failed.failed(RECORD) ->
                  Optional.of(earlier(failed.reasons().get(RECORD), idempotencyKey.orElseThrow()));
              default -> throw new IllegalStateException("a row with this new id exists already");
            });
  }

  private DynamoDbAsyncTable<RecordRow<R>> records() {
    return records.orElseThrow(
        () -> new IllegalStateException("an idempotency key needs a table of records"));
  }

  // DynamoDB deletes expired records late, so the condition checks the expiry too.
  private void addRecord(
      TransactWriteItemsEnhancedRequest.Builder transaction, IdempotencyKey idempotencyKey, R row) {
    Instant now = dynamoDb.clock().instant();
    RecordRow<R> record = new RecordRow<>();
    record.key = idempotencyKey.key();
    record.fingerprint = idempotencyKey.fingerprint();
    record.expiresAt = now.plus(RETENTION).getEpochSecond();
    record.result = row;
    transaction.addPutItem(
        records(),
        TransactPutItemEnhancedRequest.builder(records().tableSchema().itemType().rawClass())
            .item(record)
            .conditionExpression(
                Expression.builder()
                    .expression("attribute_not_exists(#key) OR #expiresAt <= :now")
                    .putExpressionName("#key", "key")
                    .putExpressionName("#expiresAt", "expiresAt")
                    .putExpressionValue(
                        ":now", AttributeValue.fromN(String.valueOf(now.getEpochSecond())))
                    .build())
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build());
  }

  private R earlier(CancellationReason reason, IdempotencyKey idempotencyKey) {
    RecordRow<R> record = records().tableSchema().mapToItem(reason.item());
    if (!record.fingerprint.equals(idempotencyKey.fingerprint())) {
      throw new Rejection(Rejection.Reason.KEY_REUSED);
    }
    return Objects.requireNonNull(record.result);
  }

  /** An idempotency record. Mutable for the mapper; not thread-safe. */
  private static final class RecordRow<R> {
    private String key = "";
    private String fingerprint = "";
    private long expiresAt;
    private @Nullable R result;

    // A class literal has no type arguments.
    @SuppressWarnings("unchecked")
    static <R> TableSchema<RecordRow<R>> schema(Class<R> rowType, TableSchema<R> rowSchema) {
      Class<RecordRow<R>> type = (Class<RecordRow<R>>) (Class<?>) RecordRow.class;
      return StaticTableSchema.builder(type)
          .newItemSupplier(RecordRow::new)
          .addAttribute(
              String.class,
              a ->
                  a.name("key")
                      .getter(record -> record.key)
                      .setter((record, v) -> record.key = v)
                      .tags(primaryPartitionKey()))
          .addAttribute(
              String.class,
              a ->
                  a.name("fingerprint")
                      .getter(record -> record.fingerprint)
                      .setter((record, v) -> record.fingerprint = v))
          .addAttribute(
              Long.class,
              LenientAttributes.number(
                  "expiresAt",
                  Long.class,
                  record -> record.expiresAt,
                  (record, v) -> record.expiresAt = v))
          .addAttribute(
              EnhancedType.documentOf(rowType, rowSchema),
              a ->
                  a.name("result")
                      .getter(record -> Objects.requireNonNull(record.result))
                      .setter((record, v) -> record.result = v))
          .build();
    }
  }
}
