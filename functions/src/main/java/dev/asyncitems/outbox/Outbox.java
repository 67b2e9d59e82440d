package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.idempotency.IdempotencyKey;
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
 * The use case that accepts background tasks of one kind. It writes a task's row with an outbox
 * entry, then sends the task's message. Thread-safe.
 */
public final class Outbox<D> {
  /** The delay after which the relay dispatches an entry whose message could not be sent. */
  static final Duration RETRY = Duration.ofMinutes(1);

  // The task is accepted already, so an unresponsive queue must not delay the response.
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(1);

  private final TaskStore<D> tasks;
  private final OutboxStore entries;
  private final TaskQueue queue;
  private final Duration messageLife;
  private final Clock clock;

  /** Creates the use case. Pass {@link Redelivery#messageLife} as {@code messageLife}. */
  public Outbox(
      TaskStore<D> tasks, OutboxStore entries, TaskQueue queue, Duration messageLife, Clock clock) {
    this.tasks = tasks;
    this.entries = entries;
    this.queue = queue;
    this.messageLife = messageLife;
    this.clock = clock;
  }

  /**
   * Accepts a task by writing its row, even if the queue is unavailable. An idempotent replay sends
   * the message again, so that a client's retry repairs a crash between writing and sending. The
   * future fails with the exceptions of {@link TaskStore#add}.
   */
  public CompletableFuture<Accepted<D>> accept(
      D data, Optional<IdempotencyKey> idempotencyKey, TraceContext trace, Deadline deadline) {
    Task<D> task = Task.accepted(data, Times.now(clock));
    OutboxEntry entry = entry(task.id(), trace);
    return tasks
        .add(task, entry, idempotencyKey, deadline)
        .thenCompose(earlier ->
            earlier
                .map(first -> dispatchAgain(first.id(), deadline))
                .orElseGet(() -> dispatch(List.of(entry), deadline))
                .thenApply(queueFailure ->
                    new Accepted<>(earlier.orElse(task), earlier.isPresent(), queueFailure)));
  }

  /**
   * An accepted task.
   *
   * @param task the task as it was accepted
   * @param replayed whether an earlier request with the same idempotency key was accepted
   * @param queueFailure why sending failed; empty if the message was sent or did not need to be
   */
  public record Accepted<D>(Task<D> task, boolean replayed, Optional<Throwable> queueFailure) {}

  /** Returns the outbox entry for a new row with the given id. */
  public OutboxEntry entry(UUID id, TraceContext trace) {
    return new OutboxEntry(id, UuidV7.time(id).plus(messageLife), 0, trace);
  }

  /**
   * Sends the messages of written entries, within a second. If messages are not sent, makes their
   * entries due in a minute, best effort and within another second.
   *
   * @return the failure of the queue, if any; the future never fails
   */
  public CompletableFuture<Optional<Throwable>> dispatch(
      List<OutboxEntry> written, Deadline deadline) {
    Deadline part = deadline.ofPart();
    return queue
        .send(written, part.orAfter(SEND_TIMEOUT))
        .thenCompose(sent ->
            retrySoon(entries, sent.unsent(written), clock, part.orAfter(SEND_TIMEOUT))
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
   * Sends the message of a row again if the row is still queued. Sending takes at most a second. If
   * it fails, the entry stays unchanged, since the queue may still deliver the first message.
   *
   * @return the failure of the store or the queue, if any; the future never fails
   */
  CompletableFuture<Optional<Throwable>> dispatchAgain(UUID id, Deadline deadline) {
    return entries
        .find(id, deadline.ofPart())
        .thenCompose(found ->
            found
                .map(entry -> queue.send(List.of(entry), deadline.ofPart().orAfter(SEND_TIMEOUT)))
                .orElseGet(() -> CompletableFuture.completedFuture(Sent.NOTHING)))
        .thenApply(Sent::failure)
        .exceptionally(failure -> Optional.of(Futures.cause(failure)));
  }
}
