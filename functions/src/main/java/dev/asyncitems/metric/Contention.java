package dev.asyncitems.metric;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counters for log lines. They count conflicts and retries of calls to DynamoDB, and skipped rows.
 * Concurrent requests of an environment share the counters. Thread-safe.
 *
 * <p>A method whose name begins with "take" returns the count since the method was last called.
 */
public final class Contention {
  private final AtomicInteger conflicts = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  private final AtomicInteger skippedRows = new AtomicInteger();

  /** Counts a write that had no effect because of another write to the same row. */
  public void conflict() {
    conflicts.incrementAndGet();
  }

  /** Counts a repeated attempt after throttling, a 5xx, a timeout or a broken connection. */
  public void retry() {
    retries.incrementAndGet();
  }

  /** Counts a row that a list left out because the row is malformed. */
  public void skipRow() {
    skippedRows.incrementAndGet();
  }

  public int takeConflicts() {
    return conflicts.getAndSet(0);
  }

  public int takeRetries() {
    return retries.getAndSet(0);
  }

  public int takeSkippedRows() {
    return skippedRows.getAndSet(0);
  }
}
