package dev.asyncitems.dynamodb;

import static dev.asyncitems.dynamodb.LenientAttributes.number;
import static dev.asyncitems.dynamodb.LenientAttributes.text;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondarySortKey;

import dev.asyncitems.notification.Notification;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.notification.NotificationStore.Waiting;
import dev.asyncitems.notification.Status;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;

/**
 * A notification as its table keeps it. Mutable, since the mapper fills it; not shared by threads.
 */
final class NotificationRow {
  static final TableSchema<NotificationRow> SCHEMA =
      StaticTableSchema.builder(NotificationRow.class)
          .newItemSupplier(NotificationRow::new)
          .addAttribute(String.class, Timeline.id(row -> row.id, (row, v) -> row.id = v))
          .addAttribute(Integer.class, Timeline.shard(row -> row.shard, (row, v) -> row.shard = v))
          .addAttribute(
              String.class,
              a ->
                  a.name(OutboxIndex.PARTITION)
                      .getter(row -> row.attention)
                      .setter((row, v) -> row.attention = v)
                      .tags(secondaryPartitionKey(OutboxIndex.INDEX)))
          .addAttribute(
              String.class,
              a ->
                  a.name(OutboxIndex.AT)
                      .getter(row -> row.attentionAt)
                      .setter((row, v) -> row.attentionAt = v)
                      .tags(secondarySortKey(OutboxIndex.INDEX)))
          .addAttribute(
              Integer.class,
              number("turns", Integer.class, row -> row.turns, (row, v) -> row.turns = v))
          .addAttribute(
              String.class, text("message", row -> row.message, (row, v) -> row.message = v))
          .addAttribute(String.class, text("status", row -> row.status, (row, v) -> row.status = v))
          .addAttribute(
              Integer.class,
              number("attempts", Integer.class, row -> row.attempts, (row, v) -> row.attempts = v))
          .addAttribute(
              String.class, text("createdAt", row -> row.createdAt, (row, v) -> row.createdAt = v))
          .addAttribute(
              String.class, text("loggedAt", row -> row.loggedAt, (row, v) -> row.loggedAt = v))
          .addAttribute(
              String.class, text("failure", row -> row.failure, (row, v) -> row.failure = v))
          .addAttribute(
              String.class, text("requestId", row -> row.requestId, (row, v) -> row.requestId = v))
          .addAttribute(
              String.class,
              text("traceHeader", row -> row.traceHeader, (row, v) -> row.traceHeader = v))
          .build();

  private String id = "";
  private @Nullable Integer shard;
  private @Nullable String attention;
  private @Nullable String attentionAt;
  private int turns;
  private String message = "";
  private String status = "";
  private int attempts;
  private String createdAt = "";
  private @Nullable String loggedAt;
  private @Nullable String failure;
  private @Nullable String requestId;
  private @Nullable String traceHeader;

  /** A notification that was just accepted. */
  static NotificationRow queued(
      Notification notification, TraceContext traceContext, Instant firstTurn, Shards shards) {
    UUID id = notification.id().value();
    NotificationRow row = new NotificationRow();
    row.id = id.toString();
    row.shard = shards.of(id);
    row.attention = OutboxIndex.partition(Status.QUEUED, row.shard);
    row.attentionAt = OutboxIndex.at(firstTurn, id);
    row.message = notification.message();
    row.status = notification.status().text();
    row.attempts = notification.attempts();
    row.createdAt = Times.text(notification.createdAt());
    row.requestId = traceContext.requestId().orElse(null);
    row.traceHeader = traceContext.traceHeader().orElse(null);
    return row;
  }

  String id() {
    return id;
  }

  String status() {
    return status;
  }

  /** Where the row stands in the outbox index; empty text when it doesn't. */
  String attentionAt() {
    return attentionAt == null ? "" : attentionAt;
  }

  /** Whether functions wrote the row's key, so that it has a place in the list of all. */
  boolean hasKey() {
    return Rows.isKey(id);
  }

  /** Whether functions wrote the row's key and its place in the outbox index. */
  boolean hasAttentionKey() {
    return hasKey() && OutboxIndex.isPlace(attentionAt(), UUID.fromString(id));
  }

  /** Whether the row is one that the relay may take up: its status and its place agree. */
  boolean waits() {
    return hasAttentionKey() && toNotification().status() == Status.QUEUED;
  }

  /**
   * The notification, whatever the row holds. A status that is none means that the task is still to
   * be done, as it does to {@link DynamoNotifications#log}.
   */
  Notification toNotification() {
    UUID uuid = UUID.fromString(id);
    return new Notification(
        new NotificationId(uuid),
        message,
        Status.parse(status).orElse(loggedAt == null ? Status.QUEUED : Status.LOGGED),
        Math.max(0, attempts),
        Times.parse(createdAt).orElseGet(() -> UuidV7.time(uuid)),
        Optional.ofNullable(loggedAt).flatMap(Times::parse),
        Optional.ofNullable(failure));
  }

  Waiting toWaiting() {
    return new Waiting(
        new NotificationId(UUID.fromString(id)),
        OutboxIndex.time(attentionAt()),
        Math.max(0, turns),
        TraceContext.of(requestId, traceHeader));
  }
}
