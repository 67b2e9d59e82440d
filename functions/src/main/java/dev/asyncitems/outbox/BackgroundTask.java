package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The effect that tasks of one kind have. Implementations are thread-safe. */
public interface BackgroundTask {
  /**
   * Runs the task and marks its row done, ideally in one conditional write. The effect must happen
   * once, however often this method runs. An effect outside the row, such as a call to another
   * service, must be idempotent and come before {@link OutboxStore#complete}. A thrown exception
   * and a failed future both count as a failed attempt.
   */
  CompletableFuture<Effect> run(UUID id, Attempt attempt, Deadline deadline);

  /**
   * One attempt at a task.
   *
   * @param delivery the unique name of the message's delivery
   * @param at when the attempt started, never before the task was accepted
   */
  record Attempt(String delivery, Instant at) {}

  /** The result of an attempt that did not fail. */
  enum Effect {
    /** The task took effect. */
    DONE,
    /** The task took effect after it had failed. */
    REPLAYED,
    /** The task had taken effect before or was deleted, so the attempt changed nothing. */
    ALREADY_DONE,
    /** No row has the id. */
    UNKNOWN
  }
}
