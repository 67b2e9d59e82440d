package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.Outbox;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import dev.asyncitems.rejection.Result.Rejected;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Accepts notifications. Thread-safe. */
public final class Sender {
  private final NotificationStore store;
  private final Outbox outbox;
  private final Clock clock;

  public Sender(NotificationStore store, Outbox outbox, Clock clock) {
    this.store = store;
    this.outbox = outbox;
    this.clock = clock;
  }

  /**
   * Accepts a notification: writes its row, then sends its message. It is accepted once the row is
   * written, even if the queue is away. Rejected if the idempotency key was used for another
   * request. The future fails as those of the store.
   *
   * @param message a text that follows {@link Notification#MESSAGE}
   * @param trace the request that sends the notification
   */
  public CompletableFuture<Result<Sent>> send(
      String message,
      Optional<IdempotencyKey> idempotencyKey,
      TraceContext trace,
      Deadline deadline) {
    Notification notification = Notification.accept(message, Times.now(clock));
    OutboxEntry entry = outbox.entry(notification.id().value(), trace);
    return store
        .add(notification, entry, idempotencyKey, deadline)
        .thenCompose(result ->
            switch (result) {
              case Done<Accepted<Notification>>(var accepted) ->
                  dispatch(accepted, entry, deadline)
                      .thenApply(queueFailure -> new Done<>(new Sent(accepted, queueFailure)));
              case Rejected<Accepted<Notification>>(Rejection rejection) ->
                  CompletableFuture.completedFuture(new Rejected<>(rejection));
            });
  }

  private CompletableFuture<Optional<Throwable>> dispatch(
      Accepted<Notification> accepted, OutboxEntry entry, Deadline deadline) {
    return accepted.replayed()
        ? outbox.dispatchAgain(accepted.value().id().value(), deadline)
        : outbox.dispatch(List.of(entry), deadline);
  }

  /**
   * A notification that was sent.
   *
   * @param accepted the notification as it was accepted
   * @param queueFailure why its message could not be sent at once; empty if it was sent
   */
  public record Sent(Accepted<Notification> accepted, Optional<Throwable> queueFailure) {}
}
