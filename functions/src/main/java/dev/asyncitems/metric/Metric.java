package dev.asyncitems.metric;

import java.util.List;
import java.util.Optional;

/**
 * What log lines count for CloudWatch. Each has one set of dimensions, whose values are few, since
 * each combination that is seen costs as a metric of its own.
 */
public enum Metric {
  /** Requests, by the gateway's route and one of three results. */
  REQUESTS("requests"),
  /** Notifications accepted; repeated requests not counted. */
  ACCEPTED("accepted"),
  /** Requests that an idempotency key answered again. */
  IDEMPOTENT_REPLAYS("idempotentReplays"),
  /** Background tasks that took effect. */
  DONE("done"),
  /** Tasks that took effect after they had failed. They also count as done. */
  REPLAYED("replayed"),
  /** The time from the acceptance of a task to its effect. */
  AGE("ageMs", "Milliseconds"),
  /** Attempts that failed, so that the message is delivered again. */
  RETRIED("retried"),
  /** Tasks that were given up. */
  FAILED("failed"),
  /** Messages that the relay sent. */
  DISPATCHED("dispatched"),
  /** The time since the acceptance of the oldest task whose entry was due at the relay. */
  OLDEST_DUE("oldestDueMs", "Milliseconds"),
  /** Writes that had no effect since another changed the same row. */
  STORE_CONFLICTS("storeConflicts"),
  /** Calls to the store that were sent again. */
  STORE_RETRIES("storeRetries"),
  /** Environments that served their first call. */
  COLD_STARTS("coldStarts");

  private static final List<String> BY_ROUTE_AND_RESULT = List.of("route", "result");
  private static final List<String> BY_FUNCTION = List.of("function");

  private final String text;
  private final Optional<String> unit;

  Metric(String text) {
    this.text = text;
    this.unit = Optional.empty();
  }

  Metric(String text, String unit) {
    this.text = text;
    this.unit = Optional.of(unit);
  }

  /** Its name, and the member of the line that holds the value. */
  public String text() {
    return text;
  }

  /** CloudWatch's name of its unit; none of what is counted. */
  public Optional<String> unit() {
    return unit;
  }

  /** The members of the line by whose values it is counted. */
  public List<String> dimensions() {
    return this == REQUESTS ? BY_ROUTE_AND_RESULT : BY_FUNCTION;
  }
}
