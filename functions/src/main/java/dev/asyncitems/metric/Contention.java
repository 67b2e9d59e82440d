package dev.asyncitems.metric;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counters for log lines: conflicts and retries of calls to DynamoDB, and skipped rows. Concurrent
 * requests of an environment share the counters. Thread-safe.
 *
 * <p>A take method returns the count since its last call.
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

  /** Counts a row that a list left out because its keys are malformed. */
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
