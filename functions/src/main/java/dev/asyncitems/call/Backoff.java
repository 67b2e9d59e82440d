package dev.asyncitems.call;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Pauses between attempts at a write that lost a race or was throttled: random, and longer with
 * each attempt, so that those who race come apart ("Exponential Backoff And Jitter", AWS
 * Architecture Blog).
 */
public final class Backoff {
  private static final long FIRST_MILLIS = 20;
  private static final long MAX_MILLIS = 500;
  private static final int MAX_DOUBLINGS = 10;

  /** What must be left of the time for another attempt; without it the client is told to retry. */
  public static final Duration ATTEMPT = Duration.ofMillis(700);

  private Backoff() {}

  /** Returns the longest pause after so many attempts. */
  public static Duration longest(int attempt) {
    return Duration.ofMillis(
        Math.min(FIRST_MILLIS << Math.min(attempt, MAX_DOUBLINGS), MAX_MILLIS));
  }

  /**
   * Pauses without holding a thread.
   *
   * @param attempt how many attempts were made, from 1
   * @return that number, after the pause; fails with {@link Unavailable} when there is no time for
   *     another attempt
   */
  public static CompletableFuture<Integer> pause(int attempt, Deadline deadline) {
    // Environments that began from one snapshot would draw alike from a generator that was seeded
    // before.
    long millis = 1 + new SecureRandom().nextLong(longest(attempt).toMillis());
    if (deadline.less(ATTEMPT).remaining().toMillis() < millis) {
      return CompletableFuture.failedFuture(
          new Unavailable("races or throttling did not end in time"));
    }
    return CompletableFuture.supplyAsync(
        () -> attempt, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
  }
}
