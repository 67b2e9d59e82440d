package dev.asyncitems.call;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The policy for repeating calls after conflicts and throttling. Thread-safe. */
public record Retries(Backoff backoff, Pause pause) {
  /** The time reserved for one attempt. If less remains after the pause, the call fails. */
  public static final Duration ATTEMPT = Duration.ofMillis(700);

  /** The longest time for which conflicts and throttling may delay a call. */
  private static final Duration PATIENCE = Duration.ofMillis(4_700);

  /** Creates a policy whose delays grow from at most 40 ms to at most 500 ms. */
  public Retries(Supplier<? extends RandomGenerator> random, Pause pause) {
    this(new Backoff(Duration.ofMillis(40), Duration.ofMillis(500), 1, random), pause);
  }

  /** Returns the moment after which a call with the given deadline is not repeated. */
  public Deadline patience(Deadline deadline) {
    return deadline.orAfter(PATIENCE);
  }

  /**
   * Pauses before another attempt.
   *
   * @param attempts the number of attempts so far, from 1
   * @return the number of the next attempt; fails with {@link Unavailable} if too little time
   *     remains
   */
  public CompletableFuture<Integer> pause(int attempts, Deadline deadline) {
    Duration delay = backoff.delay(attempts);
    return deadline.less(ATTEMPT).remaining().compareTo(delay) < 0
        ? CompletableFuture.failedFuture(
            new Unavailable("conflicts or throttling did not end in time"))
        : pause.of(delay).thenApply(paused -> attempts + 1);
  }
}
