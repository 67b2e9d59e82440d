package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.notification.NotificationStore;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.value.Times;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The store of notifications in DynamoDB. Thread-safe. */
public final class DynamoNotifications implements NotificationStore {
  private final DynamoDb dynamoDb;
  private final DynamoDbAsyncTable<NotificationRow> table;
  private final Timeline<NotificationRow> timeline;
  private final DynamoOutbox outbox;
  private final IdempotencyRecords<NotificationRow> idempotencyRecords;

  /**
   * @param idempotencyTable empty for a function that adds no notifications
   * @param outbox the outbox entries of the same table
   */
  public DynamoNotifications(
      DynamoDb dynamoDb, String table, Optional<String> idempotencyTable, DynamoOutbox outbox) {
    this.dynamoDb = dynamoDb;
    this.outbox = outbox;
    this.table = dynamoDb.table(table, NotificationRow.SCHEMA);
    timeline = new Timeline<>(dynamoDb, this.table, NotificationRow::id);
    idempotencyRecords = new IdempotencyRecords<>(dynamoDb, this.table, idempotencyTable);
  }

  @Override
  public CompletableFuture<Optional<Notification>> add(
      Notification notification,
      OutboxEntry entry,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline) {
    return idempotencyRecords
        .add(
            NotificationRow.queued(notification, entry, dynamoDb.shards()),
            idempotencyKey,
            deadline)
        .thenApply(earlier -> earlier.map(NotificationRow::toNotification));
  }

  @Override
  public CompletableFuture<Optional<Notification>> find(NotificationId id, Deadline deadline) {
    return Rows.find(table, id.value(), deadline)
        .thenApply(row -> row.map(NotificationRow::toNotification));
  }

  @Override
  public CompletableFuture<Page<Notification>> page(
      Optional<TaskStatus> status, PageRequest request, Deadline deadline) {
    CompletableFuture<Page<Notification>> page =
        status.filter(wanted -> wanted != TaskStatus.DONE).isPresent()
            ? pending(status.get(), request, deadline)
            : timeline
                .page(request, deadline)
                .thenApply(rows -> rows.map(NotificationRow::toNotification));
    return page.thenApply(
        rows -> rows.filter(row -> status.isEmpty() || row.status() == status.get()));
  }

  // The index holds no messages, and its copy of the status may be stale.
  private CompletableFuture<Page<Notification>> pending(
      TaskStatus status, PageRequest request, Deadline deadline) {
    return outbox
        .page(status, request, deadline)
        .thenCompose(page ->
            Rows.findAll(dynamoDb, table, page.rows(), deadline)
                .thenApply(
                    rows -> new Page<>(rows, page.next()).map(NotificationRow::toNotification)));
  }

  @Override
  public CompletableFuture<Effect> log(
      NotificationId id,
      String delivery,
      Instant at,
      Optional<Instant> expiresAt,
      Deadline deadline) {
    Map<String, AttributeValue> effect = new HashMap<>();
    effect.put(NotificationRow.LOGGED_AT, AttributeValue.fromS(Times.text(at)));
    expiresAt.ifPresent(time ->
        effect.put("expiresAt", AttributeValue.fromN(String.valueOf(time.getEpochSecond()))));
    return outbox.complete(id.value(), delivery, effect, deadline);
  }
}
