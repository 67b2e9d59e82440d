package dev.asyncitems.dynamodb;

import static dev.asyncitems.dynamodb.LenientAttributes.text;

import dev.asyncitems.notification.Notification;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;

/** A notification's row. Mutable for the mapper; not thread-safe. */
final class NotificationRow {
  static final String LOGGED_AT = "loggedAt";

  static final TableSchema<NotificationRow> SCHEMA =
      StaticTableSchema.builder(NotificationRow.class)
          .newItemSupplier(NotificationRow::new)
          .addAttribute(String.class, Timeline.id(row -> row.id, (row, v) -> row.id = v))
          .addAttribute(Integer.class, Timeline.shard(row -> row.shard, (row, v) -> row.shard = v))
          .addAttribute(
              String.class, text("message", row -> row.message, (row, v) -> row.message = v))
          .addAttribute(
              String.class, text("createdAt", row -> row.createdAt, (row, v) -> row.createdAt = v))
          .addAttribute(
              String.class, text(LOGGED_AT, row -> row.loggedAt, (row, v) -> row.loggedAt = v))
          .flatten(OutboxAttributes.SCHEMA, row -> row.outbox, (row, v) -> row.outbox = v)
          .build();

  private String id = "";
  private @Nullable Integer shard;
  private String message = "";
  private String createdAt = "";
  private @Nullable String loggedAt;
  private OutboxAttributes outbox = new OutboxAttributes();

  /** Returns the row of a newly accepted notification. */
  static NotificationRow queued(Notification notification, OutboxEntry entry, Shards shards) {
    UUID id = notification.id().value();
    NotificationRow row = new NotificationRow();
    row.id = id.toString();
    row.shard = shards.of(id);
    row.message = notification.message();
    row.createdAt = Times.text(notification.createdAt());
    row.outbox = OutboxAttributes.queued(entry, row.shard);
    return row;
  }

  String id() {
    return id;
  }

  /** Returns the notification, even if the row breaks today's rules. */
  Notification toNotification() {
    UUID uuid = UUID.fromString(id);
    return new Notification(
        new NotificationId(uuid),
        message,
        outbox.status(),
        outbox.attempts(),
        Times.parse(createdAt).orElseGet(() -> UuidV7.time(uuid)),
        Optional.ofNullable(loggedAt).flatMap(Times::parse),
        outbox.failure());
  }
}
