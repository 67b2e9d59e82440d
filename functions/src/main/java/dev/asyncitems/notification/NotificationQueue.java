package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.trace.TraceContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The queue of jobs, each the id of a notification that is to be logged.
 *
 * <p>Futures never complete with {@code null}; they fail with {@link
 * dev.asyncitems.call.Unavailable} when the queue throttles or is away, and with {@link
 * dev.asyncitems.call.DeadlineExceeded} when the time ran out. Implementations are safe for use by
 * any number of threads.
 */
public interface NotificationQueue {
  /** Enqueues a job; the job once the queue has taken it. */
  CompletableFuture<Job> enqueue(Job job, Deadline deadline);

  /** Enqueues jobs, any number. Never fails as a whole. */
  CompletableFuture<Enqueued> enqueueAll(List<Job> jobs, Deadline deadline);

  /** Lets a delivered job be delivered again after a delay of 0 s to 12 h; the same delivery. */
  CompletableFuture<Delivery> deliverAgain(Delivery delivery, Duration delay, Deadline deadline);

  /** How many jobs there are, about. */
  CompletableFuture<Depth> depth(Deadline deadline);

  /**
   * What became of jobs that were enqueued together.
   *
   * @param taken those that the queue has taken
   * @param failure a call's that it didn't take others by; empty if no call failed
   */
  record Enqueued(Set<NotificationId> taken, Optional<Throwable> failure) {}

  /**
   * One delivery of a job.
   *
   * @param body the job as it lies on the queue
   * @param receipt names this delivery to the queue
   * @param count how often the job has been delivered, this time included, from 1
   * @param traceContext the request that sent the notification, as far as the job tells
   * @param attributes the message attributes by name, as the sender gave them
   * @param traceHeader the system attribute AWSTraceHeader, as the sender gave it
   */
  record Delivery(
      String body,
      String receipt,
      int count,
      TraceContext traceContext,
      Map<String, Attribute> attributes,
      Optional<String> traceHeader) {}

  /**
   * A message attribute.
   *
   * @param type SQS's data type, such as {@code String}, {@code Number.int} or {@code Binary}
   * @param text the value of a String or a Number
   * @param bytes the value of a Binary
   */
  record Attribute(String type, Optional<String> text, Optional<ByteBuffer> bytes) {}

  /**
   * How many jobs there are, about.
   *
   * @param queued can be delivered now
   * @param inFlight delivered, and neither done nor to be delivered again yet
   * @param delayed can't be delivered yet
   */
  record Depth(int queued, int inFlight, int delayed) {}
}
