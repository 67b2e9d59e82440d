package dev.asyncitems.outbox;

import dev.asyncitems.call.Backoff;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The policy for delivering a message again. A task has a number of attempts, which its row counts.
 * The queue counts deliveries, and Lambda throttles some of them before any code runs. So the
 * number of deliveries is much larger, and ends only messages whose attempts cannot be recorded.
 * Immutable.
 *
 * @param visibilityTimeout the time for which the queue hides a delivered message
 * @param maxDeliveries the number of deliveries after which the queue moves a message to the
 *     dead-letter queue
 * @param maxAttempts the number of attempts after which a task is given up
 * @param backoff the delays between deliveries
 */
public record Redelivery(
    Duration visibilityTimeout, int maxDeliveries, int maxAttempts, Backoff backoff) {
  // The visibility timeout is six times the function's timeout ("Configuring an Amazon SQS queue to
  // use with Lambda", AWS Lambda Developer Guide).
  private static final int TIMEOUTS_IN_VISIBILITY = 6;
  private static final Duration MARGIN = Duration.ofMinutes(1);

  /** The number of deliveries that a message may have without suspicion. */
  private static final int UNSUSPECTED = 3;

  /**
   * Creates a policy whose delays double from 10 s. Half of each delay is random. A delay and the
   * attempt before it fit into the visibility timeout.
   */
  public Redelivery(
      Duration visibilityTimeout,
      int maxDeliveries,
      int maxAttempts,
      Supplier<? extends RandomGenerator> random) {
    Duration longest = visibilityTimeout.minus(visibilityTimeout.dividedBy(TIMEOUTS_IN_VISIBILITY));
    this(
        visibilityTimeout,
        maxDeliveries,
        maxAttempts,
        new Backoff(Duration.ofSeconds(10), longest, 0.5, random));
  }

  /** Returns whether the queue moves the message to the dead-letter queue after this delivery. */
  boolean isLast(int delivery) {
    return delivery >= maxDeliveries;
  }

  /**
   * Returns whether the message may have killed its function. Such a message is delivered again and
   * again, and no attempt is recorded. So is a message that Lambda throttles.
   */
  boolean isSuspect(int delivery) {
    return delivery > UNSUSPECTED;
  }

  /** Returns the delay after this many attempts or deliveries, from 1, in whole seconds. */
  Duration delay(int tries) {
    return Duration.ofSeconds(backoff.delay(tries).plusMillis(999).toSeconds());
  }

  /**
   * Returns how long the queue may keep delivering a message after it was sent, plus a minute. Each
   * delivery takes at most the visibility timeout, whether its attempt fails, kills the function or
   * is throttled. A message that waits for a busy consumer can live longer.
   */
  public static Duration messageLife(Duration visibilityTimeout, int maxDeliveries) {
    return visibilityTimeout.multipliedBy(maxDeliveries).plus(MARGIN);
  }
}
