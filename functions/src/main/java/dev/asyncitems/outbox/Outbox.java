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
import java.util.function.Function;

/**
 * The use case that accepts background tasks of one kind. It writes rows with outbox entries, then
 * sends their messages. Thread-safe.
 */
public final class Outbox {
  /** The delay after which the relay dispatches an entry whose message could not be sent. */
  static final Duration RETRY = Duration.ofMinutes(1);

  // The task is accepted already, so an unresponsive queue must not delay the response for long.
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(1);

  private final OutboxStore entries;
  private final TaskQueue queue;
  private final Duration messageLife;
  private final Clock clock;

  /** Creates the use case. Pass {@link Redelivery#messageLife} as {@code messageLife}. */
  public Outbox(OutboxStore entries, TaskQueue queue, Duration messageLife, Clock clock) {
    this.entries = entries;
    this.queue = queue;
    this.messageLife = messageLife;
    this.clock = clock;
  }

  /** Accepts one task. The future fails with the exceptions of {@link TaskStore#add}. */
  public <D> CompletableFuture<Accepted<Task<D>>> accept(
      TaskStore<D> tasks,
      D data,
      Optional<IdempotencyKey> idempotencyKey,
      TraceContext trace,
      Deadline deadline) {
    return accept(
        Task.accepted(data, Times.now(clock)),
        task -> List.of(task.id()),
        (task, entries) -> tasks.add(task, entries.getFirst(), idempotencyKey, deadline),
        trace,
        deadline);
  }

  /**
   * Accepts work that consists of tasks. It is accepted once its rows are written, even if the
   * queue is unavailable. An idempotent replay sends the messages again, so that a client's retry
   * repairs a crash between writing and sending. The future fails as {@code writer} does.
   *
   * @param ids returns the ids of the work's tasks
   * @param trace the trace context of the request
   */
  public <T> CompletableFuture<Accepted<T>> accept(
      T work,
      Function<T, List<UUID>> ids,
      Writer<T> writer,
      TraceContext trace,
      Deadline deadline) {
    List<OutboxEntry> written = ids.apply(work).stream().map(id -> entry(id, trace)).toList();
    return writer
        .write(work, written)
        .thenCompose(earlier ->
            earlier
                .map(first -> dispatchAgain(ids.apply(first), deadline))
                .orElseGet(() -> dispatch(written, deadline))
                .thenApply(queueFailure ->
                    new Accepted<>(earlier.orElse(work), earlier.isPresent(), queueFailure)));
  }

  /** A function that writes the rows of new work, in one transaction with an idempotency record. */
  @FunctionalInterface
  public interface Writer<T> {
    /**
     * Writes the rows.
     *
     * @return the work that an earlier request with the same idempotency key wrote; empty if this
     *     request wrote its work
     */
    CompletableFuture<Optional<T>> write(T work, List<OutboxEntry> entries);
  }

  /**
   * Accepted work.
   *
   * @param work the work as it was accepted
   * @param replayed whether an earlier request with the same idempotency key was accepted
   * @param queueFailure why sending failed; empty if all messages were sent or did not need to be
   */
  public record Accepted<T>(T work, boolean replayed, Optional<Throwable> queueFailure) {}

  /** Returns the outbox entry for a new row with the given id. */
  OutboxEntry entry(UUID id, TraceContext trace) {
    return new OutboxEntry(id, UuidV7.time(id).plus(messageLife), 0, trace);
  }

  /**
   * Sends the messages of written entries, within a second. If messages are not sent, makes their
   * entries due in a minute, best effort and within another second.
   *
   * @return the failure of the queue, if any; the future never fails
   */
  CompletableFuture<Optional<Throwable>> dispatch(List<OutboxEntry> written, Deadline deadline) {
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
   * Sends the messages of tasks again that are still queued. Sending takes at most a second. If it
   * fails, the entries stay unchanged, since the queue may still deliver the first messages.
   *
   * @return the failure of the store or the queue, if any; the future never fails
   */
  CompletableFuture<Optional<Throwable>> dispatchAgain(List<UUID> ids, Deadline deadline) {
    return Futures.all(ids.stream().map(id -> entries.find(id, deadline.ofPart())).toList())
        .thenApply(found -> found.stream().flatMap(Optional::stream).toList())
        .thenCompose(queued ->
            queued.isEmpty()
                ? CompletableFuture.completedFuture(Sent.NOTHING)
                : queue.send(queued, deadline.ofPart().orAfter(SEND_TIMEOUT)))
        .thenApply(Sent::failure)
        .exceptionally(failure -> Optional.of(Futures.cause(failure)));
  }
}
