package dev.asyncitems.dynamodb;

import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import java.util.UUID;
import java.util.function.Supplier;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;

/**
 * The id and the outbox attributes of a row that has a background task. Mutable for the mapper; not
 * thread-safe.
 */
class EntryRow {
  static final TableSchema<EntryRow> SCHEMA = schema(EntryRow.class, EntryRow::new).build();

  String id = "";
  OutboxAttributes outbox = new OutboxAttributes();

  /** Returns a schema with the attributes of this class. */
  static <R extends EntryRow> LenientSchema<R> schema(Class<R> type, Supplier<R> newRow) {
    return new LenientSchema<>(type, newRow)
        .id(row -> row.id, (row, v) -> row.id = v)
        .outbox(row -> row.outbox, (row, v) -> row.outbox = v);
  }

  /** Returns the row's id. Requires {@link #hasKeys}. */
  final UUID uuid() {
    return UUID.fromString(id);
  }

  final OutboxEntry entry() {
    return outbox.entry(uuid());
  }

  /** Returns whether functions wrote the row's key and its sort key in the outbox index. */
  final boolean hasKeys() {
    return Rows.isKey(id) && outbox.hasSortKey(uuid());
  }

  /** Returns whether the row is in the outbox index and its status is queued. */
  final boolean isQueued() {
    return hasKeys() && outbox.status() == TaskStatus.QUEUED;
  }
}
