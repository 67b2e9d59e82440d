package dev.asyncitems.dynamodb;

import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import java.util.UUID;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;

/**
 * The outbox attributes and the id of any row that has a background task. Mutable for the mapper;
 * not thread-safe.
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

  /** Returns the row's id. Requires {@link #hasKeys}. */
  UUID uuid() {
    return UUID.fromString(id);
  }

  OutboxAttributes outbox() {
    return outbox;
  }

  OutboxEntry entry() {
    return outbox.entry(uuid());
  }

  /** Returns whether functions wrote the row's key and its sort key in the outbox index. */
  boolean hasKeys() {
    return Rows.isKey(id) && outbox.hasSortKey(uuid());
  }

  /** Returns whether the row is in the outbox index and its status is queued. */
  boolean isQueued() {
    return hasKeys() && outbox.status() == TaskStatus.QUEUED;
  }
}
