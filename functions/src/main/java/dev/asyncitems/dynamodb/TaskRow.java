package dev.asyncitems.dynamodb;

import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Task;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;

/** The row of a task. A subclass adds the data's attributes. Mutable and not thread-safe. */
public abstract class TaskRow<D> extends EntryRow {
  @Nullable Integer shard;

  /** Returns the task's data, even if attributes are malformed. */
  abstract D data();

  abstract void set(D data);

  /** Returns the task. The row's id must be a UUID. */
  final Task<D> task() {
    return outbox.task(uuid(), data());
  }

  /** The row type of one kind of task. */
  public record Type<D, R extends TaskRow<D>>(TableSchema<R> schema, Supplier<R> newRow) {
    /** Returns a row type. {@code data} adds the attributes of the task's data to the schema. */
    static <D, R extends TaskRow<D>> Type<D, R> of(
        Class<R> type, Supplier<R> newRow, UnaryOperator<LenientSchema<R>> data) {
      LenientSchema<R> schema =
          EntryRow.schema(type, newRow).shard(row -> row.shard, (row, v) -> row.shard = v);
      return new Type<>(data.apply(schema).build(), newRow);
    }

    R queued(Task<D> task, OutboxEntry entry, int shard) {
      R row = newRow.get();
      row.id = task.id().toString();
      row.shard = shard;
      row.outbox = OutboxAttributes.queued(entry, shard);
      row.set(task.data());
      return row;
    }
  }
}
