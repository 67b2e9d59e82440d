package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The store of notifications.
 *
 * <p>Every write has a single effect, even if it is sent again after a lost response. Futures never
 * complete with {@code null}. They fail with {@link dev.asyncitems.call.Unavailable} when the store
 * throttles or is unreachable, and with {@link dev.asyncitems.call.DeadlineExceeded} after the
 * deadline. Implementations are thread-safe.
 */
public interface NotificationStore {
  /**
   * Adds a queued notification with its outbox entry and, in the same transaction, the record of
   * its idempotency key.
   *
   * @return the notification as an earlier request with the same key added it; empty if this
   *     request added it. Fails with {@link dev.asyncitems.rejection.Rejection} if the key was used
   *     for another request.
   */
  CompletableFuture<Optional<Notification>> add(
      Notification notification,
      OutboxEntry entry,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline);

  /** Reads a notification, strongly consistent. Returns empty if no notification has the id. */
  CompletableFuture<Optional<Notification>> find(NotificationId id, Deadline deadline);

  /**
   * Returns a page of notifications, newest first, eventually consistent. Queued notifications are
   * sorted by their next dispatch and failed ones by the time of failure, latest first. Pages with
   * a status may be short.
   */
  CompletableFuture<Page<Notification>> page(
      Optional<TaskStatus> status, PageRequest request, Deadline deadline);

  /**
   * Logs a notification and marks its task done.
   *
   * @param delivery names the delivery of the task's message
   * @param expiresAt when the row may be deleted; empty to keep it forever
   */
  CompletableFuture<Effect> log(
      NotificationId id,
      String delivery,
      Instant at,
      Optional<Instant> expiresAt,
      Deadline deadline);
}
