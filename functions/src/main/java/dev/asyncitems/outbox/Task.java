package dev.asyncitems.outbox;

import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * An accepted background task and its status. Immutable.
 *
 * @param id a UUIDv7 with the time of acceptance
 * @param data the input of the task, such as a notification
 * @param attempts the number of recorded attempts
 * @param doneAt when the task took effect, never before {@link #createdAt}; empty until then
 * @param failure why the last attempt failed; empty once the task is done
 */
public record Task<D>(
    UUID id,
    D data,
    TaskStatus status,
    int attempts,
    Optional<Instant> doneAt,
    Optional<String> failure) {
  static <D> Task<D> accepted(D data, Instant now) {
    return queued(UuidV7.at(now), data);
  }

  /** Returns a new task with the time in its id. */
  public static <D> Task<D> queued(UUID id, D data) {
    return new Task<>(id, data, TaskStatus.QUEUED, 0, Optional.empty(), Optional.empty());
  }

  /** Returns the time of acceptance, to the millisecond. */
  public Instant createdAt() {
    return UuidV7.time(id);
  }
}
