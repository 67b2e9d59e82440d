package dev.asyncitems.local.page;

import java.time.Duration;

/**
 * Notifies the page's streams of changes, at most five times a second. It also notifies them once a
 * second, because the engines do not report their changes. Thread-safe.
 */
final class Changes {

  private static final Duration LONGEST = Duration.ofSeconds(1);
  private static final Duration SHORTEST = Duration.ofMillis(200);

  private long number;
  private boolean closed;

  synchronized void signal() {
    number++;
    notifyAll();
  }

  synchronized long number() {
    return number;
  }

  /** Waits until the number of changes differs from the given number, or a second has passed. */
  synchronized void await(long seen) {
    long begin = System.nanoTime();
    try {
      for (long left = SHORTEST.toMillis(); left > 0 && !closed; left = left(begin, SHORTEST)) {
        wait(left);
      }
      for (long left = left(begin, LONGEST);
          left > 0 && number == seen && !closed;
          left = left(begin, LONGEST)) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the stream's next write fails
    }
  }

  private static long left(long begin, Duration time) {
    return time.toMillis() - Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Ends all waits, now and later. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
