package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.notification.NotificationStore;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.value.Times;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedAsyncClient;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The store of notifications in DynamoDB. Thread-safe. */
public final class DynamoNotifications implements NotificationStore {
  private final DynamoDbAsyncClient client;
  private final DynamoDbAsyncTable<NotificationRow> table;
  private final IndexPages<NotificationRow> timeline;
  private final DynamoOutbox outbox;
  private final IdempotencyRecords<NotificationRow> idempotencyRecords;
  private final Shards shards;

  /**
   * @param idempotencyTable empty for a function that adds no notifications
   * @param outbox the outbox entries of the same table
   * @param shards the shards of the timeline
   * @param contention counts skipped rows
   */
  public DynamoNotifications(
      DynamoDbAsyncClient client,
      String table,
      Optional<String> idempotencyTable,
      DynamoOutbox outbox,
      Shards shards,
      Contention contention,
      Clock clock) {
    this.client = client;
    this.outbox = outbox;
    this.shards = shards;
    DynamoDbEnhancedAsyncClient enhanced =
        DynamoDbEnhancedAsyncClient.builder().dynamoDbClient(client).extensions().build();
    this.table = enhanced.table(table, NotificationRow.SCHEMA);
    timeline =
        new IndexPages<>(
            this.table.index(Timeline.INDEX),
            shards,
            NotificationRow::id,
            NotificationRow::hasKey,
            contention);
    idempotencyRecords =
        new IdempotencyRecords<>(
            enhanced, this.table, NotificationRow.class, idempotencyTable, clock);
  }

  @Override
  public CompletableFuture<Result<Accepted<Notification>>> add(
      Notification notification,
      OutboxEntry entry,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline) {
    return idempotencyRecords
        .add(NotificationRow.queued(notification, entry, shards), idempotencyKey, deadline)
        .thenApply(result ->
            result.map(accepted ->
                new Accepted<>(accepted.value().toNotification(), accepted.replayed())));
  }

  @Override
  public CompletableFuture<Optional<Notification>> find(NotificationId id, Deadline deadline) {
    return Rows.find(table, id.value(), deadline)
        .thenApply(row -> row.map(NotificationRow::toNotification));
  }

  @Override
  public CompletableFuture<Page<Notification>> page(
      Optional<TaskStatus> status, PageRequest request, Deadline deadline) {
    return switch (status.orElse(TaskStatus.DONE)) {
      case QUEUED, FAILED -> pending(status.orElseThrow(), request, deadline);
      case DONE ->
          all(request, deadline)
              .thenApply(
                  page -> page.filter(row -> status.isEmpty() || row.status() == TaskStatus.DONE));
    };
  }

  private CompletableFuture<Page<Notification>> all(PageRequest request, Deadline deadline) {
    return timeline
        .latest(
            request.limit(),
            shard -> Key.builder().partitionValue(shard),
            request.after().map(position -> position.id().toString()),
            deadline)
        .thenApply(merged ->
            IndexPages.page(merged, row -> Position.of(UUID.fromString(row.id())))
                .map(NotificationRow::toNotification));
  }

  // The index holds no messages, and its copy of the status may be stale.
  private CompletableFuture<Page<Notification>> pending(
      TaskStatus status, PageRequest request, Deadline deadline) {
    return outbox
        .page(status, request, deadline)
        .thenCompose(page ->
            Rows.findAll(client, table, page.rows(), deadline)
                .thenApply(rows -> {
                  List<Notification> found =
                      rows.stream().map(NotificationRow::toNotification).toList();
                  return new Page<>(found, page.next()).filter(row -> row.status() == status);
                }));
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
