package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import dev.asyncitems.rejection.Result.Rejected;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
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
   * @param traceContext the request that sends it
   */
  public CompletableFuture<Result<Sent>> send(
      String message,
      Optional<IdempotencyKey> idempotencyKey,
      TraceContext traceContext,
      Deadline deadline) {
    Notification notification = Notification.accept(message, Times.now(clock));
    return store
        .add(
            notification,
            traceContext,
            notification.createdAt().plus(FIRST_TURN),
            idempotencyKey,
            deadline)
        .thenCompose(result ->
            switch (result) {
              case Done<Accepted<Notification>>(var accepted) ->
                  wake(accepted, traceContext, deadline);
              case Rejected<Accepted<Notification>>(Rejection rejection) ->
                  CompletableFuture.completedFuture(new Rejected<>(rejection));
            });
  }

  private CompletableFuture<Result<Sent>> wake(
      Accepted<Notification> accepted, TraceContext traceContext, Deadline deadline) {
    if (accepted.replayed()) {
      return CompletableFuture.completedFuture(new Done<>(new Sent(accepted, Optional.empty())));
    }
    // A queue that hangs is given up in time for the answer: the notification is accepted.
    return queue
        .enqueue(
            new Job(accepted.value().id(), traceContext),
            deadline.ofPart().orAfter(ENQUEUE_TIMEOUT))
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
