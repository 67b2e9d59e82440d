package dev.asyncitems.metric;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts conflicts and retries of calls to the store, and rows that were skipped, until a log line
 * takes the counts. An environment that serves several requests at once has one count for all of
 * them. Thread-safe: each count is taken once.
 */
public final class Contention {
  private final AtomicInteger conflicts = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  private final AtomicInteger skippedRows = new AtomicInteger();

  /** A write had no effect, since another changed or was changing the same row. */
  public void conflict() {
    conflicts.incrementAndGet();
  }

  /** A call was sent again: throttled, answered 5xx, or its connection broke. */
  public void retry() {
    retries.incrementAndGet();
  }

  /** A row was left out of a list, since its key is not one that functions write. */
  public void skipRow() {
    skippedRows.incrementAndGet();
  }

  /** Takes the conflicts that were counted. */
  public int takeConflicts() {
    return conflicts.getAndSet(0);
  }

  /** Takes the retries that were counted. */
  public int takeRetries() {
    return retries.getAndSet(0);
  }

  /** Takes the rows that were skipped. */
  public int takeSkippedRows() {
    return skippedRows.getAndSet(0);
  }
}
