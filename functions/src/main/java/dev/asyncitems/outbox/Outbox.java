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
 * The outbox as requests use it. It creates the entries of new rows, and sends their messages once
 * the rows are written. Thread-safe.
 */
public final class Outbox {
  /** The delay after which the relay dispatches an entry whose message could not be sent. */
  static final Duration RETRY = Duration.ofMinutes(1);

  // The task is accepted already, so a queue that hangs must not delay the response.
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(1);

  private final OutboxStore store;
  private final TaskQueue queue;
  private final Duration messageLife;
  private final Clock clock;

  /**
   * @param messageLife the longest time for which the queue may deliver an accepted message, as
   *     {@link Redelivery#messageLife} returns it
   */
  public Outbox(OutboxStore store, TaskQueue queue, Duration messageLife, Clock clock) {
    this.store = store;
    this.queue = queue;
    this.messageLife = messageLife;
    this.clock = clock;
  }

  /** Returns the entry of a new row. */
  public OutboxEntry entry(UUID id, TraceContext trace) {
    return new OutboxEntry(id, UuidV7.time(id).plus(messageLife), 0, trace);
  }

  /**
   * Sends the messages of written rows, within a second. An entry whose message the queue does not
   * accept becomes due in a minute, best effort and within another second.
   *
   * @return the failure of the queue, if any; the future never fails
   */
  public CompletableFuture<Optional<Throwable>> dispatch(
      List<OutboxEntry> entries, Deadline deadline) {
    Deadline part = deadline.ofPart();
    return queue
        .send(entries, part.orAfter(SEND_TIMEOUT))
        .thenCompose(sent ->
            retrySoon(store, sent.unsent(entries), clock, part.orAfter(SEND_TIMEOUT))
                .thenApply(postponed -> sent.failure()));
  }

  /** Makes entries due in a minute, best effort. The future never fails. */
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
   * retry repairs a crash between writing and sending. After a failure the entry stays unchanged,
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
