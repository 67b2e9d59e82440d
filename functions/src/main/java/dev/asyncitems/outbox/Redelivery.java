package dev.asyncitems.outbox;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The policy of delivering a message again after a failed attempt. Immutable.
 *
 * @param visibilityTimeout the time for which the queue hides a delivered message
 * @param maxDeliveries the number of deliveries before the queue moves a message to the dead-letter
 *     queue
 * @param random returns a generator for the calling thread
 */
public record Redelivery(
    Duration visibilityTimeout, int maxDeliveries, Supplier<? extends RandomGenerator> random) {
  private static final long FIRST_SECONDS = 5;
  private static final long MAX_SECONDS = Duration.ofMinutes(15).toSeconds();
  private static final int MAX_DOUBLINGS = 10;

  // "Configuring an Amazon SQS queue to use with Lambda", AWS Lambda Developer Guide
  private static final int TIMEOUTS_IN_VISIBILITY = 6;
  private static final Duration MARGIN = Duration.ofMinutes(1);

  /**
   * Returns the delay after a failed attempt. It is 5 s, doubled with each delivery up to 15
   * minutes, less a random part of up to half. After the last delivery it is zero, since the queue
   * moves the message to the dead-letter queue.
   *
   * @param count the number of deliveries so far, from 1
   */
  Duration delay(int count) {
    long longest = longestSeconds(count);
    return count >= maxDeliveries
        ? Duration.ZERO
        : Duration.ofSeconds(longest - random.get().nextLong(longest / 2 + 1));
  }

  /**
   * Returns the longest time for which the queue delivers an accepted message, plus a minute. Each
   * delivery takes the visibility timeout, or the consumer's timeout plus the delay if that is
   * longer. A message that waits for a busy consumer can live longer.
   */
  public Duration messageLife() {
    Duration timeout = visibilityTimeout.dividedBy(TIMEOUTS_IN_VISIBILITY);
    Duration life = MARGIN;
    for (int count = 1; count < maxDeliveries; count++) {
      Duration failed = timeout.plusSeconds(longestSeconds(count));
      life = life.plus(failed.compareTo(visibilityTimeout) < 0 ? visibilityTimeout : failed);
    }
    return life.plus(visibilityTimeout);
  }

  private static long longestSeconds(int count) {
    return Math.min(FIRST_SECONDS << Math.clamp(count - 1, 0, MAX_DOUBLINGS), MAX_SECONDS);
  }
}
