package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What a kind of task does when its message arrives. Implementations are thread-safe. */
public interface BackgroundTask {
  /**
   * Has the task's effect and marks the row done, ideally in one conditional write. However often
   * it runs, the effect happens once. A failed future and an exception are both a failed attempt.
   */
  CompletableFuture<Effect> run(UUID id, Attempt attempt, Deadline deadline);

  /**
   * One attempt at a task.
   *
   * @param delivery names this delivery of the message, and no other
   * @param at when the attempt began, never before the task's acceptance
   */
  record Attempt(String delivery, Instant at) {}

  /** The result of an attempt that did not fail. */
  enum Effect {
    /** The task took effect now. */
    DONE,
    /** The task took effect now, after it had failed before. */
    REPLAYED,
    /** The task had taken effect before. Nothing was changed. */
    ALREADY_DONE,
    /** No row has the id. */
    UNKNOWN
  }
}
