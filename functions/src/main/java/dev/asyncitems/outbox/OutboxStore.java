package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The outbox entries of one kind of task.
 *
 * <p>Every write has a single effect, even if it is sent again after a lost response. A write that
 * depends on {@code seen} returns false and changes nothing if the stored entry differs. Futures
 * fail with {@link dev.asyncitems.call.Unavailable} when the store throttles or is unreachable, and
 * with {@link dev.asyncitems.call.DeadlineExceeded} after the deadline. Implementations are
 * thread-safe.
 */
public interface OutboxStore {
  /** Reads the entry of a row with strong consistency. Returns empty unless the row is queued. */
  CompletableFuture<Optional<OutboxEntry>> find(UUID id, Deadline deadline);

  /** Returns at most {@code limit} entries that are due, the earliest first. */
  CompletableFuture<List<OutboxEntry>> due(Instant now, int limit, Deadline deadline);

  /** Moves an entry's next dispatch to {@code until}, and adds one to its dispatches. */
  CompletableFuture<Boolean> lease(OutboxEntry seen, Instant until, Deadline deadline);

  /** Moves the next dispatch of an unsent entry, and subtracts one from its dispatches. */
  CompletableFuture<Boolean> postpone(OutboxEntry seen, Instant nextDispatchAt, Deadline deadline);

  /** Marks an entry's row failed. */
  CompletableFuture<Boolean> giveUp(OutboxEntry seen, String reason, Instant at, Deadline deadline);

  /**
   * Uses up an attempt that is about to start. Only an attempt that may kill the function needs
   * this, since {@link #recordFailure} does the same at the end of any other.
   *
   * @param reason why the attempt failed, if nothing else is recorded
   * @return the number of used attempts since the row was added or marked failed; empty if the row
   *     is done, deleted or unknown, and then nothing changes
   */
  CompletableFuture<OptionalInt> recordStart(
      UUID id, String delivery, String reason, Deadline deadline);

  /**
   * Records a failed attempt, at most once for each delivery.
   *
   * @param started whether {@link #recordStart} has used up the attempt
   * @return the number of used attempts, as {@link #recordStart} returns it
   */
  CompletableFuture<OptionalInt> recordFailure(
      UUID id, String delivery, boolean started, String reason, Deadline deadline);

  /**
   * Marks a row failed, so that a replay has all attempts again. Returns false and changes nothing
   * if the row is done, deleted or unknown.
   */
  CompletableFuture<Boolean> fail(
      UUID id, String delivery, String reason, Instant at, Deadline deadline);

  /**
   * Marks a task done, unless it is done already. A task without an effect outside its row needs
   * only this call.
   */
  CompletableFuture<Effect> complete(UUID id, Attempt attempt, Deadline deadline);
}
