package dev.asyncitems.dynamodb;

import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import java.util.UUID;
import java.util.function.Supplier;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;

/** The id and the outbox attributes of a task's row. Mutable and not thread-safe. */
class EntryRow {
  static final TableSchema<EntryRow> SCHEMA = schema(EntryRow.class, EntryRow::new).build();

  String id = "";
  OutboxAttributes outbox = new OutboxAttributes();

  /** Returns a schema of this class's attributes. A subclass adds its own attributes to it. */
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

  /** Returns whether the row's id and its outbox sort key have the form that functions write. */
  final boolean hasKeys() {
    return Rows.isKey(id) && outbox.hasSortKey(uuid());
  }

  /** Returns whether the row has well-formed keys and its task is queued. */
  final boolean isQueued() {
    return hasKeys() && outbox.status() == TaskStatus.QUEUED;
  }
}
