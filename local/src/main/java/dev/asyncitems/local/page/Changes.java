package dev.asyncitems.local.page;

import java.time.Duration;

/**
 * A counter of changes. The page's streams wait for the next change. A wait lasts at least 200 ms.
 * It lasts at most a second, because the engines do not report their changes. Thread-safe.
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

  /** Waits until the number of changes differs from {@code seen}, but at most one second. */
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
      Thread.currentThread().interrupt(); // The interrupt ends the stream.
    }
  }

  private static long left(long begin, Duration time) {
    return time.toMillis() - Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Ends the current waits. Later waits return at once. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
