package dev.asyncitems.aws;

import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.primaryPartitionKey;

import dev.asyncitems.aws.Transactions.Outcome;
import dev.asyncitems.kernel.Accepted;
import dev.asyncitems.kernel.Deadline;
import dev.asyncitems.kernel.IdempotencyClaim;
import dev.asyncitems.kernel.Refusal;
import dev.asyncitems.kernel.Result;
import dev.asyncitems.kernel.Result.Done;
import dev.asyncitems.kernel.Result.Refused;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedAsyncClient;
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
 * Adds rows to a table, each together with the record of its idempotency key, in one transaction:
 * there is no moment at which one is there without the other.
 *
 * @param <R> the row
 */
final class Claims<R> {
  /** How long a key is remembered. */
  static final Duration KEPT = Duration.ofHours(24);

  // The first action of the transaction is the row.
  private static final int RECORD = 1;

  private static final Expression IS_NEW =
      Expression.builder()
          .expression("attribute_not_exists(#id)")
          .putExpressionName("#id", "id")
          .build();

  private final DynamoDbEnhancedAsyncClient client;
  private final DynamoDbAsyncTable<R> rows;
  private final Optional<DynamoDbAsyncTable<ClaimRow<R>>> records;
  private final Clock clock;

  /**
   * @param recordsTable empty where nothing is added under a claim
   */
  Claims(
      DynamoDbEnhancedAsyncClient client,
      DynamoDbAsyncTable<R> rows,
      Class<R> rowType,
      Optional<String> recordsTable,
      Clock clock) {
    this.client = client;
    this.rows = rows;
    this.records =
        recordsTable.map(name -> client.table(name, ClaimRow.schema(rowType, rows.tableSchema())));
    this.clock = clock;
  }

  /** Adds a row of an id that is new, or gives back the one that the claim added before. */
  CompletableFuture<Result<Accepted<R>>> add(
      R row, Optional<IdempotencyClaim> claim, Deadline deadline) {
    TransactWriteItemsEnhancedRequest.Builder transaction =
        TransactWriteItemsEnhancedRequest.builder()
            .addPutItem(
                rows,
                TransactPutItemEnhancedRequest.builder(rows.tableSchema().itemType().rawClass())
                    .item(row)
                    .conditionExpression(IS_NEW)
                    .build());
    claim.ifPresent(claimed -> addRecord(transaction, claimed, row));
    return Transactions.write(
            deadline,
            token -> client.transactWriteItems(transaction.clientRequestToken(token).build()))
        .thenApply(outcome ->
            switch (outcome) {
              case Outcome.Written() -> new Done<>(new Accepted<>(row, false));
              case Outcome.ConditionFailed failed -> {
                if (claim.isEmpty() || !failed.failed(RECORD)) {
                  throw new IllegalStateException("an id was given twice");
                }
                yield replay(failed.reasons().get(RECORD), claim.get());
              }
              case Outcome.Busy() -> throw new IllegalStateException("given up too early");
            });
  }

  private DynamoDbAsyncTable<ClaimRow<R>> records() {
    return records.orElseThrow(() -> new IllegalStateException("no table of idempotency keys"));
  }

  // The TTL deletes late, so expiry is part of the condition.
  private void addRecord(
      TransactWriteItemsEnhancedRequest.Builder transaction, IdempotencyClaim claim, R row) {
    Instant now = clock.instant();
    ClaimRow<R> record = new ClaimRow<>();
    record.key = claim.key();
    record.fingerprint = claim.fingerprint();
    record.expiresAt = now.plus(KEPT).getEpochSecond();
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

  private Result<Accepted<R>> replay(CancellationReason reason, IdempotencyClaim claim) {
    Map<String, AttributeValue> old = reason.item();
    ClaimRow<R> record = records().tableSchema().mapToItem(old);
    return record.fingerprint.equals(claim.fingerprint())
        ? new Done<>(new Accepted<>(Objects.requireNonNull(record.result), true))
        : new Refused<>(Refusal.KEY_REUSED);
  }

  /** The record of a key. Mutable, since the mapper fills it; not shared by threads. */
  private static final class ClaimRow<R> {
    private String key = "";
    private String fingerprint = "";
    private long expiresAt;
    private @Nullable R result;

    // A class literal knows no type arguments.
    @SuppressWarnings("unchecked")
    static <R> TableSchema<ClaimRow<R>> schema(Class<R> rowType, TableSchema<R> rowSchema) {
      Class<ClaimRow<R>> type = (Class<ClaimRow<R>>) (Class<?>) ClaimRow.class;
      return StaticTableSchema.builder(type)
          .newItemSupplier(ClaimRow::new)
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
