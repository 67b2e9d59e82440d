package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.notification.NotificationQueue.Delivery;
import java.util.concurrent.CompletableFuture;

/** The queue of jobs that were given up, from where an operator can replay them. Thread-safe. */
public interface DeadLetters {
  /**
   * Puts a delivered job there, with its own attributes. The reason is added where SQS's limits
   * leave room for it. The future completes with the reason once the queue has taken the job.
   */
  CompletableFuture<String> put(Delivery delivery, String reason, Deadline deadline);

  /** Puts a notification's job there with the reason. */
  CompletableFuture<String> put(Job job, String reason, Deadline deadline);
}
