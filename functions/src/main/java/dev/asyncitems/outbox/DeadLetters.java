package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import java.util.concurrent.CompletableFuture;

/** The dead-letter queue of one kind of task. Implementations are thread-safe. */
@FunctionalInterface
public interface DeadLetters {
  /** Sends an entry's message and a reason. Fails with the exceptions of {@link TaskQueue}. */
  CompletableFuture<OutboxEntry> put(OutboxEntry entry, String reason, Deadline deadline);
}
