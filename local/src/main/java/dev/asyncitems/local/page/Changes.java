package dev.asyncitems.local.page;

import java.time.Duration;

/**
 * Wakes those that wait for a change: at most a few times a second, and each second anyhow, since
 * the engines don't tell of theirs. Thread-safe.
 */
final class Changes {

  private static final Duration SELDOM = Duration.ofSeconds(1);
  private static final Duration OFTEN = Duration.ofMillis(200);

  private long number;
  private boolean closed;

  /** Something has changed. */
  synchronized void tell() {
    number++;
    notifyAll();
  }

  synchronized long number() {
    return number;
  }

  /** Returns once the number is another one than that, or a second is over. */
  synchronized void await(long seen) {
    long begin = System.nanoTime();
    try {
      for (long left = OFTEN.toMillis(); left > 0 && !closed; left = left(begin, OFTEN)) {
        wait(left);
      }
      for (long left = left(begin, SELDOM);
          left > 0 && number == seen && !closed;
          left = left(begin, SELDOM)) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // its next write fails
    }
  }

  private static long left(long begin, Duration time) {
    return time.toMillis() - Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Wakes all for good. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
