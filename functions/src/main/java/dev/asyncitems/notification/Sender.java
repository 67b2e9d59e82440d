package dev.asyncitems.notification;

import dev.asyncitems.kernel.Accepted;
import dev.asyncitems.kernel.Deadline;
import dev.asyncitems.kernel.Futures;
import dev.asyncitems.kernel.IdempotencyClaim;
import dev.asyncitems.kernel.Origin;
import dev.asyncitems.kernel.Refusal;
import dev.asyncitems.kernel.Result;
import dev.asyncitems.kernel.Result.Done;
import dev.asyncitems.kernel.Result.Refused;
import dev.asyncitems.kernel.Times;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Accepts notifications. Safe for use by any number of threads. */
public final class Sender {
  /** How long a notification waits before the relay enqueues its job for the first time. */
  public static final Duration FIRST_TURN = Duration.ofSeconds(60);

  private static final Duration ENQUEUE_TIMEOUT = Duration.ofSeconds(1);

  private final NotificationStore store;
  private final NotificationQueue queue;
  private final Clock clock;

  public Sender(NotificationStore store, NotificationQueue queue, Clock clock) {
    this.store = store;
    this.queue = queue;
    this.clock = clock;
  }

  /**
   * Accepts a notification: its row first, then its job. Once the row is written it is accepted,
   * also if the queue is away: the relay enqueues the job later.
   *
   * @param origin the request that sends it
   */
  public CompletableFuture<Result<Sent>> send(
      String message, Optional<IdempotencyClaim> claim, Origin origin, Deadline deadline) {
    Notification notification = Notification.accept(message, Times.now(clock));
    return store
        .add(notification, origin, notification.createdAt().plus(FIRST_TURN), claim, deadline)
        .thenCompose(result ->
            switch (result) {
              case Done<Accepted<Notification>>(var accepted) -> wake(accepted, origin, deadline);
              case Refused<Accepted<Notification>>(Refusal refusal) ->
                  CompletableFuture.completedFuture(new Refused<>(refusal));
            });
  }

  private CompletableFuture<Result<Sent>> wake(
      Accepted<Notification> accepted, Origin origin, Deadline deadline) {
    if (accepted.replayed()) {
      return CompletableFuture.completedFuture(new Done<>(new Sent(accepted, Optional.empty())));
    }
    // A queue that hangs is given up in time for the answer: the notification is accepted.
    return queue
        .enqueue(new Job(accepted.value().id(), origin), deadline.ofPart().orAfter(ENQUEUE_TIMEOUT))
        .handle((job, failure) ->
            new Done<>(new Sent(accepted, Optional.ofNullable(failure).map(Futures::cause))));
  }

  /**
   * What became of a notification that was sent.
   *
   * @param accepted the notification as it was accepted
   * @param queueFailure why its job could not be enqueued at once
   */
  public record Sent(Accepted<Notification> accepted, Optional<Throwable> queueFailure) {}
}
