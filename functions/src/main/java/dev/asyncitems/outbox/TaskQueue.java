package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The queue of one kind of task. A message holds a row's id and the trace context.
 *
 * <p>Futures never complete with {@code null}. They fail with {@link
 * dev.asyncitems.call.Unavailable} when the queue throttles or is away, and with {@link
 * dev.asyncitems.call.DeadlineExceeded} when the time ran out. Implementations are thread-safe.
 */
public interface TaskQueue {
  /** Sends the messages of any number of entries. Never fails as a whole. */
  CompletableFuture<Sent> send(List<OutboxEntry> entries, Deadline deadline);

  /** Returns about how many messages there are. */
  CompletableFuture<Depth> depth(Deadline deadline);

  /**
   * The result of sending messages.
   *
   * @param ids the rows whose messages the queue has accepted
   * @param failure the first failure, if any; its message says which error code the queue gave
   */
  record Sent(Set<UUID> ids, Optional<Throwable> failure) {
    /** No message was sent, and no call failed. */
    public static final Sent NOTHING = new Sent(Set.of(), Optional.empty());

    /** Returns the result of both. */
    public Sent plus(Sent other) {
      Set<UUID> all = new HashSet<>(ids);
      all.addAll(other.ids);
      return new Sent(all, failure.or(other::failure));
    }

    /** Returns those of the entries whose messages the queue has not accepted. */
    List<OutboxEntry> unsent(List<OutboxEntry> entries) {
      return entries.stream().filter(entry -> !ids.contains(entry.id())).toList();
    }
  }

  /**
   * The approximate depth of a queue, in messages.
   *
   * @param queued messages that can be received
   * @param inFlight messages that were received and not deleted
   * @param delayed messages that cannot be received yet
   */
  record Depth(int queued, int inFlight, int delayed) {}
}
