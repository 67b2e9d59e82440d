package dev.asyncitems.metric;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counters of conflicts and retries of calls to DynamoDB, and of skipped rows. A log line takes the
 * counts. Concurrent requests of an environment share them. Thread-safe: each count is taken once.
 */
public final class Contention {
  private final AtomicInteger conflicts = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  private final AtomicInteger skippedRows = new AtomicInteger();

  /** Counts a write that had no effect because another write changed the same row. */
  public void conflict() {
    conflicts.incrementAndGet();
  }

  /** Counts a call that was sent again after throttling, a 5xx or a broken connection. */
  public void retry() {
    retries.incrementAndGet();
  }

  /** Counts a row that a list left out because functions did not write its key. */
  public void skipRow() {
    skippedRows.incrementAndGet();
  }

  /** Returns the number of conflicts since the last call. */
  public int takeConflicts() {
    return conflicts.getAndSet(0);
  }

  /** Returns the number of retries since the last call. */
  public int takeRetries() {
    return retries.getAndSet(0);
  }

  /** Returns the number of skipped rows since the last call. */
  public int takeSkippedRows() {
    return skippedRows.getAndSet(0);
  }
}
