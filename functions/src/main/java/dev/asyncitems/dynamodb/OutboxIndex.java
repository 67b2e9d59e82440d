package dev.asyncitems.dynamodb;

import dev.asyncitems.notification.Status;
import dev.asyncitems.value.Times;
import java.time.Instant;
import java.util.UUID;

/**
 * The index of the outbox entries of notifications: partitioned by status and shard, sorted by the
 * next turn (queued) or the time of failure (failed), then by id. Logged rows are not in it.
 */
final class OutboxIndex {
  static final String INDEX = "attention";
  static final String PARTITION = "attention";
  static final String AT = "attentionAt";

  private static final char SEPARATOR = '#';

  private OutboxIndex() {}

  static String partition(Status status, int shard) {
    return partitions(status) + shard;
  }

  /** What the partitions of a status begin with. */
  static String partitions(Status status) {
    return status.text() + SEPARATOR;
  }

  static String at(Instant time, UUID id) {
    return Times.text(time) + SEPARATOR + id;
  }

  /** What sorts behind every row of a time. */
  static String behind(Instant time) {
    return Times.text(time) + (char) (SEPARATOR + 1);
  }

  /** Whether a text is what {@link #at} gives for an id and any time. */
  static boolean isPlace(String text, UUID id) {
    int separator = Math.max(0, text.indexOf(SEPARATOR));
    return Times.parse(text.substring(0, separator))
        .filter(time -> text.equals(at(time, id)))
        .isPresent();
  }

  static Instant time(String at) {
    return Instant.parse(at.substring(0, at.indexOf(SEPARATOR)));
  }
}
