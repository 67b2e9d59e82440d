package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import java.util.concurrent.CompletableFuture;

/** The dead-letter queue of one kind of task. Implementations are thread-safe. */
@FunctionalInterface
public interface DeadLetters {
  /**
   * Sends an entry's message to the queue, with a reason. The future fails with the exceptions that
   * {@link TaskQueue} names.
   */
  CompletableFuture<OutboxEntry> put(OutboxEntry entry, String reason, Deadline deadline);
}
