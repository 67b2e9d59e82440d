package dev.asyncitems.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How often the store made a function's calls wait for others, since it was last asked. Of an
 * environment that serves several requests at once it can't tell which of them. Thread-safe: each
 * count is taken once.
 */
public final class Contention {
  private final AtomicInteger conflicts = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();

  /** A write had no effect, since another changed or was changing the same row. */
  public void conflict() {
    conflicts.incrementAndGet();
  }

  /** A call was sent again: throttled, answered 5xx, or its connection broke. */
  public void retry() {
    retries.incrementAndGet();
  }

  /** Takes the conflicts that were counted. */
  public int takeConflicts() {
    return conflicts.getAndSet(0);
  }

  /** Takes the retries that were counted. */
  public int takeRetries() {
    return retries.getAndSet(0);
  }
}
