package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.call.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Operations on messages that a queue has delivered. Futures fail with {@link
 * dev.asyncitems.call.Unavailable} or {@link dev.asyncitems.call.DeadlineExceeded}. Implementations
 * are thread-safe.
 */
public interface Deliveries {
  /** Makes the queue deliver a message again after a delay of 0 s to 12 h. */
  CompletableFuture<?> delay(SQSMessage message, Duration delay, Deadline deadline);

  /** Sends a copy of a message to the dead-letter queue, with a reason. */
  CompletableFuture<?> deadLetter(SQSMessage message, String reason, Deadline deadline);
}
