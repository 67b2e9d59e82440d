package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.outbox.BackgroundTask;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The background task that logs a notification. Thread-safe.
 *
 * @param retention the time for which logged notifications are kept; empty to keep them forever
 */
public record LogNotification(NotificationStore store, Optional<Duration> retention)
    implements BackgroundTask {
  @Override
  public CompletableFuture<Effect> run(UUID id, Attempt attempt, Deadline deadline) {
    return store.log(
        new NotificationId(id),
        attempt.delivery(),
        attempt.at(),
        retention.map(attempt.at()::plus),
        deadline);
  }
}
