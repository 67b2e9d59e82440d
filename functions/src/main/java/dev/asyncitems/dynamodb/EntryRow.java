package dev.asyncitems.dynamodb;

import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import java.util.UUID;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;

/**
 * The part of a row that says how far its background task has come, whatever else the row holds.
 * Mutable, since the mapper fills it; not shared by threads.
 */
final class EntryRow {
  static final TableSchema<EntryRow> SCHEMA =
      StaticTableSchema.builder(EntryRow.class)
          .newItemSupplier(EntryRow::new)
          .addAttribute(String.class, Timeline.id(row -> row.id, (row, v) -> row.id = v))
          .flatten(OutboxAttributes.SCHEMA, row -> row.outbox, (row, v) -> row.outbox = v)
          .build();

  private String id = "";
  private OutboxAttributes outbox = new OutboxAttributes();

  /** The row's id. Only where {@link #hasPlace} holds. */
  UUID uuid() {
    return UUID.fromString(id);
  }

  OutboxAttributes outbox() {
    return outbox;
  }

  OutboxEntry entry() {
    return outbox.entry(uuid());
  }

  /** Returns whether functions wrote the row's key and its place in the outbox index. */
  boolean hasPlace() {
    return Rows.isKey(id) && outbox.hasPlace(uuid());
  }

  /** Returns whether the row is queued, by its status as well as by its place. */
  boolean isQueued() {
    return hasPlace() && outbox.status() == TaskStatus.QUEUED;
  }
}
