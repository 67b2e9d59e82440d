package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The effect of a kind of task. Implementations are thread-safe. */
public interface BackgroundTask {
  /**
   * Runs the task and marks its row done, ideally in one conditional write. The effect must happen
   * once, however often this method runs. An effect outside the row, such as a call to another
   * service, must be idempotent and come before {@link OutboxStore#complete}. An exception counts
   * as a failed attempt, like a failed future.
   */
  CompletableFuture<Effect> run(UUID id, Attempt attempt, Deadline deadline);

  /**
   * One attempt at a task.
   *
   * @param delivery a unique name of the delivery of the message
   * @param at the start of the attempt, never before the task's acceptance
   */
  record Attempt(String delivery, Instant at) {}

  /** The result of an attempt that did not fail. */
  enum Effect {
    /** The task took effect. */
    DONE,
    /** The task took effect after it had failed. */
    REPLAYED,
    /** The task had taken effect before, and nothing was changed. */
    ALREADY_DONE,
    /** No row has the id. */
    UNKNOWN
  }
}
