package dev.asyncitems.outbox;

import dev.asyncitems.call.Backoff;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The policy for delivering a message again after a failed attempt. Immutable.
 *
 * @param visibilityTimeout the time for which the queue hides a delivered message
 * @param maxDeliveries the number of deliveries after which the queue moves a message to the
 *     dead-letter queue
 * @param backoff the delays between deliveries
 */
public record Redelivery(Duration visibilityTimeout, int maxDeliveries, Backoff backoff) {
  // The visibility timeout is six times the function's timeout ("Configuring an Amazon SQS queue to
  // use with Lambda", AWS Lambda Developer Guide).
  private static final int TIMEOUTS_IN_VISIBILITY = 6;
  private static final Duration MARGIN = Duration.ofMinutes(1);

  /** Creates a policy whose delays double from 5 s to 15 minutes. Half of each delay is random. */
  public Redelivery(
      Duration visibilityTimeout, int maxDeliveries, Supplier<? extends RandomGenerator> random) {
    this(
        visibilityTimeout,
        maxDeliveries,
        new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(15), 0.5, random));
  }

  /**
   * Returns the delay after a failed attempt, in whole seconds. After the last delivery it is zero,
   * since the queue then moves the message to the dead-letter queue.
   *
   * @param count the number of deliveries so far, from 1
   */
  Duration delay(int count) {
    return count >= maxDeliveries
        ? Duration.ZERO
        : Duration.ofSeconds(backoff.delay(count).plusMillis(999).toSeconds());
  }

  /**
   * Returns how long the queue may keep delivering a message after it was sent, plus a minute. A
   * delivery takes the visibility timeout, or the consumer's timeout plus the delay if that is
   * longer. A message that waits for a busy consumer can live longer.
   */
  public Duration messageLife() {
    Duration timeout = visibilityTimeout.dividedBy(TIMEOUTS_IN_VISIBILITY);
    Duration life = MARGIN;
    for (int count = 1; count < maxDeliveries; count++) {
      Duration failed = timeout.plus(backoff.longest(count));
      life = life.plus(failed.compareTo(visibilityTimeout) < 0 ? visibilityTimeout : failed);
    }
    return life.plus(visibilityTimeout);
  }
}
