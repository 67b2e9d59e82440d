package dev.asyncitems.dynamodb;

import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondarySortKey;

import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;

/**
 * The outbox attributes of a task's row. Mutable and not thread-safe.
 *
 * <p>The outbox index is partitioned by status and shard. Its sort key consists of a time and the
 * id. The time is that of the next dispatch for a queued row, and of the failure for a failed row.
 * The index has no rows of done tasks.
 */
final class OutboxAttributes {
  static final String INDEX = "outbox";
  static final String PARTITION = "outbox";
  static final String AT = "nextDispatchAt";
  static final String STATUS = "status";
  static final String DISPATCHES = "dispatches";
  static final String ATTEMPTS = "attempts";
  static final String ATTEMPTS_USED = "attemptsUsed";
  static final String DONE_AT = "doneAt";
  static final String FAILURE = "failure";
  static final String DELETED_AT = "deletedAt";

  static final StaticTableSchema<OutboxAttributes> SCHEMA =
      new LenientSchema<>(OutboxAttributes.class, OutboxAttributes::new)
          .text(STATUS, row -> row.status, (row, v) -> row.status = v)
          .text(
              PARTITION,
              row -> row.outbox,
              (row, v) -> row.outbox = v,
              secondaryPartitionKey(INDEX))
          .text(
              AT,
              row -> row.nextDispatchAt,
              (row, v) -> row.nextDispatchAt = v,
              secondarySortKey(INDEX))
          .number(DISPATCHES, Integer.class, row -> row.dispatches, (row, v) -> row.dispatches = v)
          .number(ATTEMPTS, Integer.class, row -> row.attempts, (row, v) -> row.attempts = v)
          .number(
              ATTEMPTS_USED,
              Integer.class,
              row -> row.attemptsUsed,
              (row, v) -> row.attemptsUsed = v)
          .text(DONE_AT, row -> row.doneAt, (row, v) -> row.doneAt = v)
          .text(FAILURE, row -> row.failure, (row, v) -> row.failure = v)
          .text(DELETED_AT, row -> row.deletedAt, (row, v) -> row.deletedAt = v)
          .text(RowUpdate.LAST_WRITE, row -> row.lastWrite, (row, v) -> row.lastWrite = v)
          .text("requestId", row -> row.requestId, (row, v) -> row.requestId = v)
          .text("traceHeader", row -> row.traceHeader, (row, v) -> row.traceHeader = v)
          .build();

  /** The attributes of a new row that change with the progress of its task. */
  static final Set<String> PROGRESS = Set.of(STATUS, PARTITION, AT);

  private static final char SEPARATOR = '#';

  private @Nullable String status;
  private @Nullable String outbox;
  private @Nullable String nextDispatchAt;
  private @Nullable Integer dispatches;
  private @Nullable Integer attempts;
  private @Nullable Integer attemptsUsed;
  private @Nullable String doneAt;
  private @Nullable String failure;
  private @Nullable String deletedAt;
  private @Nullable String lastWrite;
  private @Nullable String requestId;
  private @Nullable String traceHeader;

  /** Returns the attributes of a new, queued row. */
  static OutboxAttributes queued(OutboxEntry entry, int shard) {
    OutboxAttributes attributes = new OutboxAttributes();
    attributes.status = TaskStatus.QUEUED.text();
    attributes.outbox = partition(TaskStatus.QUEUED, shard);
    attributes.nextDispatchAt = at(entry.nextDispatchAt(), entry.id());
    attributes.requestId = entry.trace().requestId().orElse(null);
    attributes.traceHeader = entry.trace().traceHeader().orElse(null);
    return attributes;
  }

  /** Returns the task's status. A missing or unknown status counts as queued. */
  TaskStatus status() {
    return Optional.ofNullable(status).flatMap(TaskStatus::parse).orElse(TaskStatus.QUEUED);
  }

  /** Returns whether the row is the tombstone of a deleted task. */
  boolean isDeleted() {
    return deletedAt != null;
  }

  /** Returns the task with the given id and data, even if attributes are malformed. */
  <D> Task<D> task(UUID id, D data) {
    return new Task<>(
        id,
        data,
        status(),
        Math.max(0, Objects.requireNonNullElse(attempts, 0)),
        Optional.ofNullable(doneAt).flatMap(Times::parse),
        Optional.ofNullable(failure));
  }

  /** Returns the sort key in the index; empty if the row is not in the index. */
  String sortKey() {
    return Objects.requireNonNullElse(nextDispatchAt, "");
  }

  /** Returns the time in the {@link #sortKey}. Requires {@link #hasSortKey}. */
  Instant time() {
    return Instant.parse(sortKey().substring(0, sortKey().indexOf(SEPARATOR)));
  }

  /** Returns whether the sort key is well-formed and ends with the id. */
  boolean hasSortKey(UUID id) {
    int separator = Math.max(0, sortKey().indexOf(SEPARATOR));
    return Times.parse(sortKey().substring(0, separator))
        .filter(time -> sortKey().equals(at(time, id)))
        .isPresent();
  }

  OutboxEntry entry(UUID id) {
    return new OutboxEntry(
        id,
        time(),
        Math.max(0, Objects.requireNonNullElse(dispatches, 0)),
        TraceContext.of(requestId, traceHeader));
  }

  static String partition(TaskStatus status, int shard) {
    return partitions(status) + shard;
  }

  /** Returns the prefix that all partition keys of a status share. */
  static String partitions(TaskStatus status) {
    return status.text() + SEPARATOR;
  }

  static String at(Instant time, UUID id) {
    return Times.text(time) + SEPARATOR + id;
  }

  /** Returns a text that sorts after all sort keys with the given time or an earlier time. */
  static String behind(Instant time) {
    return Times.text(time) + (char) (SEPARATOR + 1);
  }
}
