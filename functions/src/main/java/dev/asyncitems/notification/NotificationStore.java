package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.trace.TraceContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where notifications are kept.
 *
 * <p>Every write has a single effect, also when it is sent again after a lost answer. Futures never
 * complete with {@code null}; they fail with {@link dev.asyncitems.call.Unavailable} when the store
 * throttles or is away, and with {@link dev.asyncitems.call.DeadlineExceeded} when the time ran
 * out. Implementations are safe for use by any number of threads.
 */
public interface NotificationStore {
  /**
   * Adds one that is queued, and with an idempotency key its record in the same transaction.
   *
   * @param traceContext the request that sent it, kept for the jobs to come
   * @param firstTurn when the relay is to enqueue its job, if it still waits then
   * @return the notification, or the one that an earlier request with the same key made, as it was
   *     then; rejected when the key was used for another request
   */
  CompletableFuture<Result<Accepted<Notification>>> add(
      Notification notification,
      TraceContext traceContext,
      Instant firstTurn,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline);

  /** Reads one, strongly consistent. */
  CompletableFuture<Optional<Notification>> find(NotificationId id, Deadline deadline);

  /**
   * A page of the log, newest first; of those with a status, queued ones by their next turn and
   * failed ones by when they failed, the latest first. Eventually consistent. Pages of logged ones
   * may be short before the last.
   */
  CompletableFuture<Page<Notification>> page(
      Optional<Status> status, PageRequest request, Deadline deadline);

  /**
   * Logs a queued or failed one.
   *
   * @param attempts how often its job was given to the consumer, added to what is recorded
   * @param expiresAt when the row may be deleted; empty to keep it
   */
  CompletableFuture<Logging> log(
      NotificationId id, Instant at, int attempts, Optional<Instant> expiresAt, Deadline deadline);

  /** Marks a queued one as failed; false when it is queued no more, and nothing was changed. */
  CompletableFuture<Boolean> fail(
      NotificationId id, String reason, Instant at, int attempts, Deadline deadline);

  /** The queued ones whose turn has come, the earliest turns first. */
  CompletableFuture<List<Waiting>> due(Instant now, int limit, Deadline deadline);

  /** Moves the next turn of one that waits; false when it doesn't wait as seen any more. */
  CompletableFuture<Boolean> postpone(Waiting seen, Instant nextTurn, Deadline deadline);

  /** Marks one that waits as failed; false when it doesn't wait as seen any more. */
  CompletableFuture<Boolean> giveUp(Waiting seen, String reason, Instant at, Deadline deadline);

  /** What became of logging a notification. */
  enum Logging {
    /** It is logged now. */
    LOGGED,
    /** It is logged now, having failed before. */
    REPLAYED,
    /** It was logged before; nothing was changed. */
    ALREADY_LOGGED,
    /** No row has the id. */
    UNKNOWN
  }

  /**
   * A queued notification as the relay sees it.
   *
   * @param turn when its job is to be enqueued next
   * @param turns how often the relay has enqueued it
   * @param traceContext the request that sent it, as far as its row tells
   */
  record Waiting(NotificationId id, Instant turn, int turns, TraceContext traceContext) {
    Job job() {
      return new Job(id, traceContext);
    }
  }
}
