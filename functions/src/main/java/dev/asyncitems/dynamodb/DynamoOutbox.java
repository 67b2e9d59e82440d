package dev.asyncitems.dynamodb;

import static dev.asyncitems.dynamodb.OutboxAttributes.AT;
import static dev.asyncitems.dynamodb.OutboxAttributes.ATTEMPTS;
import static dev.asyncitems.dynamodb.OutboxAttributes.ATTEMPTS_USED;
import static dev.asyncitems.dynamodb.OutboxAttributes.DISPATCHES;
import static dev.asyncitems.dynamodb.OutboxAttributes.DONE_AT;
import static dev.asyncitems.dynamodb.OutboxAttributes.FAILURE;
import static dev.asyncitems.dynamodb.OutboxAttributes.PARTITION;
import static dev.asyncitems.dynamodb.OutboxAttributes.STATUS;
import static dev.asyncitems.dynamodb.OutboxAttributes.at;
import static dev.asyncitems.dynamodb.OutboxAttributes.partition;
import static dev.asyncitems.dynamodb.OutboxAttributes.partitions;
import static dev.asyncitems.dynamodb.RowUpdate.Comparison.BEGINS_WITH;
import static dev.asyncitems.dynamodb.RowUpdate.Comparison.IS;
import static dev.asyncitems.dynamodb.RowUpdate.Comparison.IS_NOT;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.OutboxStore;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import dev.asyncitems.value.Times;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The outbox entries of one table in DynamoDB. Thread-safe. */
public final class DynamoOutbox implements OutboxStore {
  private final DynamoDb dynamoDb;
  private final Optional<Duration> retention;
  private final DynamoDbAsyncTable<EntryRow> table;
  private final IndexPages<EntryRow> index;
  private final IndexPages<EntryRow> queued;

  /** Creates a store. If {@code retention} is given, rows of done tasks expire after that time. */
  public DynamoOutbox(DynamoDb dynamoDb, String table, Optional<Duration> retention) {
    this.dynamoDb = dynamoDb;
    this.retention = retention;
    this.table = dynamoDb.table(table, EntryRow.SCHEMA);
    index = pages(EntryRow::hasKeys);
    queued = pages(EntryRow::isQueued);
  }

  private IndexPages<EntryRow> pages(Predicate<EntryRow> wanted) {
    return new IndexPages<>(
        dynamoDb, table.index(OutboxAttributes.INDEX), row -> row.outbox.sortKey(), wanted);
  }

  @Override
  public CompletableFuture<Optional<OutboxEntry>> find(UUID id, Deadline deadline) {
    return Rows.find(table, id, deadline)
        .thenApply(found -> found.filter(EntryRow::isQueued).map(EntryRow::entry));
  }

  @Override
  public CompletableFuture<List<OutboxEntry>> due(Instant now, int limit, Deadline deadline) {
    return queued
        .earliest(
            limit,
            shard -> Key.builder().partitionValue(partition(TaskStatus.QUEUED, shard)),
            OutboxAttributes.behind(now),
            deadline)
        .thenApply(rows -> rows.stream().map(EntryRow::entry).toList());
  }

  /**
   * Returns a page of ids of queued or failed rows, with eventual consistency. Rows with the latest
   * next dispatch or the latest failure come first.
   */
  CompletableFuture<Page<UUID>> page(TaskStatus status, PageRequest request, Deadline deadline) {
    return index
        .latest(
            request.limit(),
            shard -> Key.builder().partitionValue(partition(status, shard)),
            request.after().map(after -> at(after.time().orElse(Instant.EPOCH), after.id())),
            row -> Position.of(row.outbox.time(), row.uuid()),
            deadline)
        .thenApply(page -> page.map(EntryRow::uuid));
  }

  @Override
  public CompletableFuture<Boolean> lease(OutboxEntry seen, Instant until, Deadline deadline) {
    return move(seen, until, seen.dispatches() + 1, deadline);
  }

  @Override
  public CompletableFuture<Boolean> postpone(
      OutboxEntry seen, Instant nextDispatchAt, Deadline deadline) {
    return move(seen, nextDispatchAt, Math.max(0, seen.dispatches() - 1), deadline);
  }

  private CompletableFuture<Boolean> move(
      OutboxEntry seen, Instant to, int dispatches, Deadline deadline) {
    RowUpdate update = new RowUpdate().set(AT, at(to, seen.id()));
    return updateIfAsSeen(
        seen,
        dispatches == 0
            ? update.remove(DISPATCHES)
            : update.set(DISPATCHES, AttributeValue.fromN(String.valueOf(dispatches))),
        deadline);
  }

  @Override
  public CompletableFuture<Boolean> giveUp(
      OutboxEntry seen, String reason, Instant at, Deadline deadline) {
    return updateIfAsSeen(seen, failed(new RowUpdate(), seen.id(), reason, at), deadline);
  }

  private CompletableFuture<Boolean> updateIfAsSeen(
      OutboxEntry seen, RowUpdate update, Deadline deadline) {
    return update(
        isQueued(update).when(AT, IS, at(seen.nextDispatchAt(), seen.id())), seen.id(), deadline);
  }

  // A missing or unknown status counts as queued.
  private static RowUpdate isQueued(RowUpdate update) {
    return update
        .when(PARTITION, BEGINS_WITH, partitions(TaskStatus.QUEUED))
        .when(STATUS, IS_NOT, TaskStatus.DONE.text())
        .when(STATUS, IS_NOT, TaskStatus.FAILED.text());
  }

  @Override
  public CompletableFuture<OptionalInt> recordStart(
      UUID id, String delivery, String reason, Deadline deadline) {
    return record(once(delivery + " started").add(ATTEMPTS_USED, 1), id, reason, deadline);
  }

  @Override
  public CompletableFuture<OptionalInt> recordFailure(
      UUID id, String delivery, boolean started, String reason, Deadline deadline) {
    return record(
        // Adding 0 makes the number one of the returned values.
        once(delivery).add(ATTEMPTS, 1).add(ATTEMPTS_USED, started ? 0 : 1), id, reason, deadline);
  }

  private static RowUpdate once(String token) {
    return new RowUpdate(token).when(RowUpdate.LAST_WRITE, IS_NOT, token);
  }

  private CompletableFuture<OptionalInt> record(
      RowUpdate update, UUID id, String reason, Deadline deadline) {
    return update
        .set(FAILURE, reason)
        .when(STATUS, IS_NOT, TaskStatus.DONE.text())
        .returningNew()
        .send(
            dynamoDb,
            table.tableName(),
            id,
            deadline,
            row -> OptionalInt.of(wholeNumber(row.get(ATTEMPTS_USED))),
            row -> OptionalInt.empty());
  }

  // Another program may have written any number.
  private static int wholeNumber(@Nullable AttributeValue value) {
    return value == null || value.n() == null
        ? 0
        : new BigDecimal(value.n())
            .max(BigDecimal.ZERO)
            .min(BigDecimal.valueOf(Integer.MAX_VALUE))
            .intValue();
  }

  @Override
  public CompletableFuture<Boolean> fail(
      UUID id, String delivery, String reason, Instant at, Deadline deadline) {
    return update(
        failed(new RowUpdate(delivery + " failed"), id, reason, at)
            .when(STATUS, IS_NOT, TaskStatus.DONE.text())
            .whenPresent(PARTITION),
        id,
        deadline);
  }

  private RowUpdate failed(RowUpdate update, UUID id, String reason, Instant at) {
    return update
        .set(STATUS, TaskStatus.FAILED.text())
        .set(FAILURE, reason)
        .set(PARTITION, partition(TaskStatus.FAILED, dynamoDb.shards().of(id)))
        .set(AT, at(at, id))
        .remove(ATTEMPTS_USED);
  }

  private CompletableFuture<Boolean> update(RowUpdate update, UUID id, Deadline deadline) {
    return update.send(dynamoDb, table.tableName(), id, deadline, old -> true, row -> false);
  }

  @Override
  public CompletableFuture<Effect> complete(UUID id, Attempt attempt, Deadline deadline) {
    Function<Map<String, AttributeValue>, Effect> done =
        old -> TaskStatus.FAILED.text().equals(text(old, STATUS)) ? Effect.REPLAYED : Effect.DONE;
    return completion(attempt)
        .add(ATTEMPTS, 1)
        .send(
            dynamoDb,
            table.tableName(),
            id,
            deadline,
            done,
            row -> row.isEmpty() ? Effect.UNKNOWN : Effect.ALREADY_DONE);
  }

  /**
   * Returns the update that marks a task done, on the condition that it is not done. It does not
   * count the attempt.
   */
  RowUpdate completion(Attempt attempt) {
    RowUpdate update =
        new RowUpdate(attempt.delivery() + " done")
            .set(STATUS, TaskStatus.DONE.text())
            .set(DONE_AT, Times.text(attempt.at()))
            .remove(PARTITION, AT, DISPATCHES, FAILURE, ATTEMPTS_USED)
            .when(STATUS, IS_NOT, TaskStatus.DONE.text());
    retention.ifPresent(kept ->
        update.set(
            IdempotencyRecords.EXPIRES_AT, IdempotencyRecords.seconds(attempt.at().plus(kept))));
    return update;
  }

  private static String text(Map<String, AttributeValue> row, String attribute) {
    AttributeValue value = row.get(attribute);
    return value == null || value.s() == null ? "" : value.s();
  }
}
