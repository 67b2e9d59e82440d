package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.outbox.TaskStore;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;

/** The tasks of one kind in DynamoDB. Thread-safe. */
public final class DynamoTasks<D, R extends TaskRow<D>> implements TaskStore<D> {
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
    return Rows.find(table, id, deadline).thenApply(row -> row.map(TaskRow::task));
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
