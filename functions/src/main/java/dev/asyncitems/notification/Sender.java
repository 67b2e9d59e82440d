package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.Outbox;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The use case that accepts notifications. Thread-safe. */
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
   * Accepts a notification: writes its row, then sends its message. It is accepted once its row is
   * written, even if the queue is unavailable. The future fails with the exceptions that {@link
   * NotificationStore} names, among them a rejection of a key that was used for another request.
   *
   * @param message a text that follows {@link Notification#MESSAGE}
   * @param trace the trace context of the request
   * @throws IllegalArgumentException if the message breaks the rule
   */
  public CompletableFuture<Sent> send(
      String message,
      Optional<IdempotencyKey> idempotencyKey,
      TraceContext trace,
      Deadline deadline) {
    Notification notification = Notification.accept(message, Times.now(clock));
    OutboxEntry entry = outbox.entry(notification.id().value(), trace);
    return store
        .add(notification, entry, idempotencyKey, deadline)
        .thenCompose(earlier ->
            earlier
                .map(sent -> outbox.dispatchAgain(sent.id().value(), deadline))
                .orElseGet(() -> outbox.dispatch(List.of(entry), deadline))
                .thenApply(queueFailure ->
                    new Sent(earlier.orElse(notification), earlier.isPresent(), queueFailure)));
  }

  /**
   * An accepted notification.
   *
   * @param notification the notification, as it was when it was accepted
   * @param replayed whether an earlier request with the same idempotency key was accepted
   * @param queueFailure why the message was not sent; empty if it was sent or already handled
   */
  public record Sent(
      Notification notification, boolean replayed, Optional<Throwable> queueFailure) {}
}
