package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.outbox.TaskQueue.Sent;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The requests' side of the outbox: makes the entries of rows that a request accepts, and sends
 * their messages once the rows are written. Thread-safe.
 */
public final class Outbox {
  /** How soon the relay dispatches an entry whose message could not be sent. */
  static final Duration RETRY = Duration.ofMinutes(1);

  // A queue that hangs must not hold up the answer: the task is accepted by then.
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(1);

  private final OutboxStore store;
  private final TaskQueue queue;
  private final Duration messageLife;
  private final Clock clock;

  /**
   * @param messageLife how long the queue may still deliver a message that it has accepted, at
   *     most: the visibility timeout times the receive count, with a margin
   */
  public Outbox(OutboxStore store, TaskQueue queue, Duration messageLife, Clock clock) {
    this.store = store;
    this.queue = queue;
    this.messageLife = messageLife;
    this.clock = clock;
  }

  /** Returns the entry of a row that is to be written. */
  public OutboxEntry entry(UUID id, TraceContext trace) {
    return new OutboxEntry(id, UuidV7.time(id).plus(messageLife), 0, trace);
  }

  /**
   * Sends the messages of entries whose rows are written, within a second. If the queue does not
   * accept a message, makes its entry due in a minute, best effort.
   *
   * @return the failure of the queue, if any; the future never fails
   */
  public CompletableFuture<Optional<Throwable>> dispatch(
      List<OutboxEntry> entries, Deadline deadline) {
    Deadline part = deadline.ofPart();
    return queue
        .send(entries, part.orAfter(SEND_TIMEOUT))
        .thenCompose(sent ->
            retrySoon(store, sent.unsent(entries), clock, part)
                .thenApply(postponed -> sent.failure()));
  }

  /** Makes entries whose messages were not sent due in a minute, best effort. Never fails. */
  static CompletableFuture<List<Boolean>> retrySoon(
      OutboxStore store, List<OutboxEntry> unsent, Clock clock, Deadline deadline) {
    Instant soon = Times.now(clock).plus(RETRY);
    return Futures.all(
        unsent.stream()
            .map(
                entry -> store.postpone(entry, soon, deadline).exceptionally(notPostponed -> false))
            .toList());
  }

  /**
   * Sends the message of a row again, within a second, if its task is still queued. So a client's
   * retry makes good a crash between writing and sending. If it fails, the entry stays as it is,
   * since the queue may still deliver the first message.
   *
   * @return the failure of the store or the queue, if any; the future never fails
   */
  public CompletableFuture<Optional<Throwable>> dispatchAgain(UUID id, Deadline deadline) {
    return store
        .find(id, deadline.ofPart())
        .thenCompose(found ->
            found
                .map(entry -> queue.send(List.of(entry), deadline.ofPart().orAfter(SEND_TIMEOUT)))
                .orElseGet(() -> CompletableFuture.completedFuture(Sent.NOTHING)))
        .thenApply(Sent::failure)
        .exceptionally(failure -> Optional.of(Futures.cause(failure)));
  }
}
