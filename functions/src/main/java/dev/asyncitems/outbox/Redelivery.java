package dev.asyncitems.outbox;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * How the queue of a task delivers a message again after a failed attempt. Immutable.
 *
 * @param visibilityTimeout the time that the queue hides a message whose consumer does not answer
 * @param maxDeliveries after how many deliveries the queue moves a message to the dead-letter queue
 * @param random gives a generator that the calling thread may use
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
   * Returns the delay after a failed attempt: 5 s, doubled with each delivery up to 15 minutes, of
   * which a random half is taken off. Zero after the last delivery: the queue gives the message up.
   *
   * @param count how often the message has been delivered, from 1
   */
  Duration delay(int count) {
    long longest = longestSeconds(count);
    return count >= maxDeliveries
        ? Duration.ZERO
        : Duration.ofSeconds(longest - random.get().nextLong(longest / 2 + 1));
  }

  /**
   * Returns the longest time for which the queue delivers an accepted message, plus a minute. Each
   * delivery takes the visibility timeout, or the consumer's timeout and the delay if they are
   * longer. A message that has to wait for the consumer can live longer.
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
