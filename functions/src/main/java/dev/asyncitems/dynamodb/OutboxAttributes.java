package dev.asyncitems.dynamodb;

import static dev.asyncitems.dynamodb.LenientAttributes.number;
import static dev.asyncitems.dynamodb.LenientAttributes.text;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondarySortKey;

import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;

/**
 * The attributes that say how far a row's background task has come. They are part of the schema of
 * each row that has one. Mutable, since the mapper fills it; not shared by threads.
 *
 * <p>The index {@link #INDEX} is partitioned by status and shard, and sorted by the time of the
 * next dispatch (queued) or of the failure (failed), then by id. A row whose task is done is not in
 * it.
 */
final class OutboxAttributes {
  static final String INDEX = "outbox";
  static final String PARTITION = "outbox";
  static final String AT = "nextDispatchAt";
  static final String STATUS = "status";
  static final String DISPATCHES = "dispatches";
  static final String ATTEMPTS = "attempts";
  static final String FAILURE = "failure";

  static final StaticTableSchema<OutboxAttributes> SCHEMA =
      StaticTableSchema.builder(OutboxAttributes.class)
          .newItemSupplier(OutboxAttributes::new)
          .addAttribute(String.class, text(STATUS, row -> row.status, (row, v) -> row.status = v))
          .addAttribute(
              String.class,
              LenientAttributes.<OutboxAttributes>text(
                      PARTITION, row -> row.outbox, (row, v) -> row.outbox = v)
                  .andThen(a -> a.tags(secondaryPartitionKey(INDEX))))
          .addAttribute(
              String.class,
              LenientAttributes.<OutboxAttributes>text(
                      AT, row -> row.nextDispatchAt, (row, v) -> row.nextDispatchAt = v)
                  .andThen(a -> a.tags(secondarySortKey(INDEX))))
          .addAttribute(
              Integer.class,
              number(
                  DISPATCHES, Integer.class, row -> row.dispatches, (row, v) -> row.dispatches = v))
          .addAttribute(
              Integer.class,
              number(ATTEMPTS, Integer.class, row -> row.attempts, (row, v) -> row.attempts = v))
          .addAttribute(
              String.class, text(FAILURE, row -> row.failure, (row, v) -> row.failure = v))
          .addAttribute(
              String.class,
              text(RowUpdate.LAST_WRITE, row -> row.lastWrite, (row, v) -> row.lastWrite = v))
          .addAttribute(
              String.class, text("requestId", row -> row.requestId, (row, v) -> row.requestId = v))
          .addAttribute(
              String.class,
              text("traceHeader", row -> row.traceHeader, (row, v) -> row.traceHeader = v))
          .build();

  private static final char SEPARATOR = '#';

  private @Nullable String status;
  private @Nullable String outbox;
  private @Nullable String nextDispatchAt;
  private @Nullable Integer dispatches;
  private @Nullable Integer attempts;
  private @Nullable String failure;
  private @Nullable String lastWrite;
  private @Nullable String requestId;
  private @Nullable String traceHeader;

  /** Returns the attributes of a row that is to be added with an entry. */
  static OutboxAttributes queued(OutboxEntry entry, int shard) {
    OutboxAttributes attributes = new OutboxAttributes();
    attributes.status = TaskStatus.QUEUED.text();
    attributes.outbox = partition(TaskStatus.QUEUED, shard);
    attributes.nextDispatchAt = at(entry.nextDispatchAt(), entry.id());
    attributes.requestId = entry.trace().requestId().orElse(null);
    attributes.traceHeader = entry.trace().traceHeader().orElse(null);
    return attributes;
  }

  /** Returns how far the task has come. A row that does not say counts as queued. */
  TaskStatus status() {
    return Optional.ofNullable(status).flatMap(TaskStatus::parse).orElse(TaskStatus.QUEUED);
  }

  int attempts() {
    return Math.max(0, Objects.requireNonNullElse(attempts, 0));
  }

  Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** Where the row stands in its partition of the index; empty text if it is in none. */
  String place() {
    return Objects.requireNonNullElse(nextDispatchAt, "");
  }

  /** The time in {@link #place}. */
  Instant time() {
    return Instant.parse(place().substring(0, place().indexOf(SEPARATOR)));
  }

  /** Returns whether the place is one that {@link #at} gives for the id. */
  boolean hasPlace(UUID id) {
    int separator = Math.max(0, place().indexOf(SEPARATOR));
    return Times.parse(place().substring(0, separator))
        .filter(time -> place().equals(at(time, id)))
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

  /** Returns what the partitions of a status begin with. */
  static String partitions(TaskStatus status) {
    return status.text() + SEPARATOR;
  }

  static String at(Instant time, UUID id) {
    return Times.text(time) + SEPARATOR + id;
  }

  /** Returns what sorts behind every row of a time. */
  static String behind(Instant time) {
    return Times.text(time) + (char) (SEPARATOR + 1);
  }
}
