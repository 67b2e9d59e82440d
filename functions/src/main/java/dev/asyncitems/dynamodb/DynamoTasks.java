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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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
    return idempotencyRecords
        .add(row, idempotencyKey, deadline)
        .thenApply(earlier -> earlier.map(TaskRow::task));
  }

  @Override
  public CompletableFuture<Optional<Task<D>>> find(UUID id, Deadline deadline) {
    return Rows.find(table, id, deadline)
        .thenApply(found -> found.filter(row -> !row.outbox.isDeleted()).map(TaskRow::task));
  }

  // The row becomes a tombstone, since a message of an unknown id would be dead-lettered. A
  // tombstone is done, so nothing writes to it, and it has no key of an index. A put removes all
  // other attributes, whichever release wrote them.
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
    CompletableFuture<Page<R>> page =
        status.filter(wanted -> wanted != TaskStatus.DONE).isPresent()
            ? pending(status.get(), request, deadline)
            : timeline.page(request, deadline);
    return page.thenApply(rows ->
        rows.<Task<D>>map(TaskRow::task)
            .filter(task -> status.isEmpty() || task.status() == status.get()));
  }

  // Reads the rows too, since the index has no data and its copy of the status may be stale.
  private CompletableFuture<Page<R>> pending(
      TaskStatus status, PageRequest request, Deadline deadline) {
    return outbox
        .page(status, request, deadline)
        .thenCompose(page ->
            Rows.findAll(dynamoDb, table, page.rows(), deadline)
                .thenApply(rows -> new Page<>(rows, page.next())));
  }
}
