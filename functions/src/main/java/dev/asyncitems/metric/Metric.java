package dev.asyncitems.metric;

import java.util.List;
import java.util.Optional;

/**
 * The metrics in log lines. Each metric has one set of dimensions. The dimensions have few values,
 * since CloudWatch charges for each combination of values.
 */
public enum Metric {
  /** Requests, by route and result (ok, client error or server error). */
  REQUESTS("requests", List.of("route", "result")),
  /** Accepted background tasks, without idempotent replays. */
  ACCEPTED("accepted"),
  /** Idempotent replays. */
  IDEMPOTENT_REPLAYS("idempotentReplays"),
  /** Background tasks that took effect. */
  DONE("done"),
  /** Tasks that took effect after they had failed. They also count as done. */
  REPLAYED("replayed"),
  /** The time from the acceptance of a task to its effect. */
  AGE("ageMs", "Milliseconds"),
  /** Failed attempts that did not mark their task failed. */
  RETRIED("retried"),
  /** Tasks that were marked failed, and messages that cannot succeed. */
  FAILED("failed"),
  /** Messages that the relay sent. */
  DISPATCHED("dispatched"),
  /** The age of the oldest task whose entry was due when the relay ran. */
  OLDEST_DUE("oldestDueMs", "Milliseconds"),
  /** Writes that had no effect because of another write to the same row. */
  STORE_CONFLICTS("storeConflicts"),
  /** Repeated attempts of calls to the store. */
  STORE_RETRIES("storeRetries"),
  /** Environments that served their first call. */
  COLD_STARTS("coldStarts"),
  /**
   * Requests answered 5xx and failed attempts, by version of the function. A canary is judged by
   * them, since Lambda counts no error that a function handled.
   */
  SERVER_ERRORS("serverErrors", List.of("function", "version")),
  /** Starts on provided.al2023 that did not use the AOT cache of their zip, over all functions. */
  STARTS_WITHOUT_CACHE("startsWithoutCache", List.of());

  private final String text;
  private final Optional<String> unit;

  @SuppressWarnings("ImmutableEnumChecker") // Each constant passes a List.of.
  private final List<String> dimensions;

  Metric(String text) {
    this(text, Optional.empty(), List.of("function"));
  }

  Metric(String text, String unit) {
    this(text, Optional.of(unit), List.of("function"));
  }

  Metric(String text, List<String> dimensions) {
    this(text, Optional.empty(), dimensions);
  }

  Metric(String text, Optional<String> unit, List<String> dimensions) {
    this.text = text;
    this.unit = unit;
    this.dimensions = dimensions;
  }

  /** Returns the metric's name, which is also the name of its member in the log line. */
  public String text() {
    return text;
  }

  /** Returns CloudWatch's name of the unit; empty for counts. */
  public Optional<String> unit() {
    return unit;
  }

  /** Returns the names of the log line's members that are the metric's dimensions. */
  public List<String> dimensions() {
    return dimensions;
  }
}
