package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The queue of one kind of task. Each message holds a row's id and the trace context.
 *
 * <p>Futures fail with {@link dev.asyncitems.call.Unavailable} when the queue throttles or is
 * unreachable, and with {@link dev.asyncitems.call.DeadlineExceeded} after the deadline.
 * Implementations are thread-safe.
 */
public interface TaskQueue {
  /** Sends the messages of entries. The future never fails, since the result holds failures. */
  CompletableFuture<Sent> send(List<OutboxEntry> entries, Deadline deadline);

  /** Returns the approximate number of messages in the queue. */
  CompletableFuture<Depth> depth(Deadline deadline);

  /**
   * The result of sending messages.
   *
   * @param ids the ids of the rows whose messages the queue accepted
   * @param failure the first failure, if any
   */
  record Sent(Set<UUID> ids, Optional<Throwable> failure) {
    public static final Sent NOTHING = new Sent(Set.of(), Optional.empty());

    public Sent plus(Sent other) {
      Set<UUID> all = new HashSet<>(ids);
      all.addAll(other.ids);
      return new Sent(all, failure.or(other::failure));
    }

    /** Returns the entries whose messages the queue did not accept. */
    List<OutboxEntry> unsent(List<OutboxEntry> entries) {
      return entries.stream().filter(entry -> !ids.contains(entry.id())).toList();
    }
  }

  /**
   * The approximate depth of a queue, in messages.
   *
   * @param queued messages that can be received
   * @param inFlight messages that were received and are hidden until they are deleted or time out
   * @param delayed messages that cannot be received yet
   */
  record Depth(int queued, int inFlight, int delayed) {}
}
