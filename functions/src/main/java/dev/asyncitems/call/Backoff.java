package dev.asyncitems.call;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Delays between attempts. They double up to a maximum. A part of each delay is random, so that
 * competing callers do not retry together ("Exponential Backoff And Jitter", AWS Architecture
 * Blog).
 *
 * @param first the longest delay after the first attempt
 * @param max the longest delay after any attempt
 * @param jitter the fraction of each delay that is random, from 0 to 1
 * @param random returns a random generator that the calling thread may use
 */
public record Backoff(
    Duration first, Duration max, double jitter, Supplier<? extends RandomGenerator> random) {
  private static final int MAX_DOUBLINGS = 10;

  /** Returns the longest delay after the given number (1 or more) of attempts. */
  public Duration longest(int attempts) {
    Duration doubled = first.multipliedBy(1L << Math.clamp(attempts - 1, 0, MAX_DOUBLINGS));
    return doubled.compareTo(max) < 0 ? doubled : max;
  }

  /** Returns a delay of at least 1 ms after the given number (1 or more) of attempts. */
  public Duration delay(int attempts) {
    long longest = longest(attempts).toMillis();
    long leeway = Math.max(1, Math.round(longest * jitter));
    return Duration.ofMillis(longest - random.get().nextLong(leeway));
  }
}
