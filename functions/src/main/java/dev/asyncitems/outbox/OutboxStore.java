package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The outbox entries of one kind of task.
 *
 * <p>Every write has a single effect, even if it is sent again after a lost response, and reports
 * what it did. Futures never complete with {@code null}. They fail with {@link
 * dev.asyncitems.call.Unavailable} when the store throttles or is unreachable, and with {@link
 * dev.asyncitems.call.DeadlineExceeded} after the deadline. Implementations are thread-safe.
 */
public interface OutboxStore {
  /** Reads the entry of a row with strong consistency. Returns empty unless the row is queued. */
  CompletableFuture<Optional<OutboxEntry>> find(UUID id, Deadline deadline);

  /** Returns at most {@code limit} entries that are due, the earliest first. */
  CompletableFuture<List<OutboxEntry>> due(Instant now, int limit, Deadline deadline);

  /**
   * Moves an entry's next dispatch and counts one dispatch.
   *
   * @return false if the entry no longer equals {@code seen}; then nothing is changed
   */
  CompletableFuture<Boolean> lease(OutboxEntry seen, Instant until, Deadline deadline);

  /**
   * Moves the next dispatch of an entry whose message was not sent, and takes back the count of its
   * lease.
   *
   * @param seen the entry as it is now, leased or new
   * @return false if the entry no longer equals {@code seen}; then nothing is changed
   */
  CompletableFuture<Boolean> postpone(OutboxEntry seen, Instant nextDispatchAt, Deadline deadline);

  /**
   * Marks an entry's row failed.
   *
   * @return false if the entry no longer equals {@code seen}; then nothing is changed
   */
  CompletableFuture<Boolean> giveUp(OutboxEntry seen, String reason, Instant at, Deadline deadline);

  /**
   * Records a failed attempt on a row that is not done, once for each delivery.
   *
   * @return false if the row is done or unknown; then nothing is changed
   */
  CompletableFuture<Boolean> recordFailure(
      UUID id, String delivery, String reason, Deadline deadline);

  /**
   * Records the last failed attempt and marks a queued row failed, in one write.
   *
   * @return false if the row is not queued; then nothing is changed
   */
  CompletableFuture<Boolean> fail(
      UUID id, String delivery, String reason, Instant at, Deadline deadline);

  /**
   * Marks a task done, unless it is done already. This is the whole effect of a task that changes
   * nothing but its row.
   */
  CompletableFuture<Effect> complete(UUID id, Attempt attempt, Deadline deadline);
}
