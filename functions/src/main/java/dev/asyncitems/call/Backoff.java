package dev.asyncitems.call;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Random pauses between attempts at a write that met a conflict or was throttled. They grow with
 * each attempt, so that competing writers spread out ("Exponential Backoff And Jitter", AWS
 * Architecture Blog).
 */
public final class Backoff {
  private static final long FIRST_MILLIS = 20;
  private static final long MAX_MILLIS = 500;
  private static final int MAX_DOUBLINGS = 10;

  /** The time that must remain for another attempt. With less, the client is asked to retry. */
  public static final Duration ATTEMPT = Duration.ofMillis(700);

  private Backoff() {}

  /** Returns the longest pause after the given number of attempts. */
  public static Duration longest(int attempt) {
    return Duration.ofMillis(
        Math.min(FIRST_MILLIS << Math.min(attempt, MAX_DOUBLINGS), MAX_MILLIS));
  }

  /**
   * Pauses without blocking a thread.
   *
   * @param attempt the number of attempts so far, from 1
   * @return {@code attempt} after the pause; fails with {@link Unavailable} if the deadline leaves
   *     no time for another attempt
   */
  public static CompletableFuture<Integer> pause(int attempt, Deadline deadline) {
    // A new generator, since environments restored from one snapshot would share an older one's
    // seed.
    long millis = 1 + new SecureRandom().nextLong(longest(attempt).toMillis());
    if (deadline.less(ATTEMPT).remaining().toMillis() < millis) {
      return CompletableFuture.failedFuture(
          new Unavailable("conflicts or throttling did not end in time"));
    }
    return CompletableFuture.supplyAsync(
        () -> attempt, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
  }
}
