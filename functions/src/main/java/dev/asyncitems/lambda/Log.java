package dev.asyncitems.lambda;

import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.ServiceError;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.http.UnreadableEvent;
import dev.asyncitems.json.Json;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.value.Times;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.core.JsonGenerator;

/**
 * A log of JSON lines on {@code System.out}. Lambda does not change a JSON line that has a {@code
 * timestamp} and a {@code level} ("Log and monitor Java Lambda functions"). CloudWatch extracts
 * metrics from the line of an invocation ("Specification: Embedded metric format", Amazon
 * CloudWatch User Guide). Thread-safe.
 *
 * <p>A line never holds an event, a header, a body or a secret. For a failure it holds exception
 * classes and places in the code. Only our own exceptions are logged with their message, since
 * other messages may quote a client's input. On the developer's machine, a line also holds the
 * stack trace with all messages.
 */
public final class Log {
  /** The environment variable with the CloudWatch namespace. Without it, lines have no metrics. */
  public static final String NAMESPACE = "METRICS_NAMESPACE";

  /** The environment variable that is {@code true} on the developer's machine, and never on AWS. */
  private static final String LOCAL = "AWS_SAM_LOCAL";

  private static final int MAX_FRAMES = 8;

  private final String function;
  private final String version;
  private final Optional<String> namespace;
  private final Contention contention;
  private final boolean local;
  private final Clock clock;
  private final AtomicBoolean started = new AtomicBoolean();

  /** Creates a log without metrics for CloudWatch. */
  public Log(String function, Clock clock) {
    this(function, "", Optional.empty(), new Contention(), false, clock);
  }

  /**
   * Creates the log of one execution environment.
   *
   * @param function the function's name in each line
   * @param version the function's version, for lines that count server errors
   * @param namespace the CloudWatch namespace; empty for no metrics
   * @param contention the counts that the next invocation's line includes
   * @param local whether lines hold stack traces
   */
  Log(
      String function,
      String version,
      Optional<String> namespace,
      Contention contention,
      boolean local,
      Clock clock) {
    this.function = function;
    this.version = version;
    this.namespace = namespace;
    this.contention = contention;
    this.local = local;
    this.clock = clock;
  }

  /** Returns the log of a function, configured by its environment variables. */
  public static Log of(
      Class<?> function, Map<String, String> environment, Contention contention, Clock clock) {
    return of(function.getSimpleName(), environment, contention, clock);
  }

  /** Returns the log of the function with this name. */
  public static Log of(
      String function, Map<String, String> environment, Contention contention, Clock clock) {
    Optional<String> namespace =
        Optional.ofNullable(environment.get(NAMESPACE)).filter(name -> !name.isEmpty());
    String version = environment.getOrDefault("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    boolean local = "true".equals(environment.get(LOCAL));
    return new Log(function, version, namespace, contention, local, clock);
  }

  /** The severity of a line. */
  public enum Level {
    INFO,
    WARN,
    ERROR
  }

  /** Writes a line without metrics. Numbers stay numbers, and other values become text. */
  public void write(
      Level level, String message, Map<String, ?> fields, Optional<Throwable> failure) {
    write(level, message, fields, Map.of(), failure);
  }

  /**
   * Writes the line of a request, a message or a tick, with its metrics. The line includes the
   * conflicts, retries and skipped rows since the previous call of this method.
   */
  void writeCall(
      Level level,
      String message,
      Map<String, ?> fields,
      Map<Metric, Long> metrics,
      Optional<Throwable> failure) {
    Map<Metric, Long> all = new EnumMap<>(Metric.class);
    all.putAll(metrics);
    putCount(all, Metric.COLD_STARTS, started.compareAndSet(false, true) ? 1 : 0);
    putCount(all, Metric.STORE_CONFLICTS, contention.takeConflicts());
    putCount(all, Metric.STORE_RETRIES, contention.takeRetries());
    int skipped = contention.takeSkippedRows();
    if (skipped == 0) {
      write(level, message, fields, all, failure);
      return;
    }
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put("skippedRows", skipped);
    write(level == Level.INFO ? Level.WARN : level, message, more, all, failure);
  }

  // CloudWatch charges for each metric that occurs in an hour, so zero counts are left out.
  private static void putCount(Map<Metric, Long> metrics, Metric metric, int count) {
    if (count > 0) {
      metrics.put(metric, (long) count);
    }
  }

  /** Writes a line with metrics. Numbers stay numbers, and other values become text. */
  public void write(
      Level level,
      String message,
      Map<String, ?> fields,
      Map<Metric, Long> metrics,
      Optional<Throwable> failure) {
    Instant now = Times.now(clock);
    byte[] line =
        Json.bytes(json -> {
          json.writeStartObject();
          json.writeStringProperty("timestamp", Times.text(now));
          json.writeStringProperty("level", level.name());
          json.writeStringProperty("message", message);
          json.writeStringProperty("function", function);
          write(json, fields);
          if (metrics.containsKey(Metric.SERVER_ERRORS)) {
            json.writeStringProperty("version", version);
          }
          failure.map(Futures::cause).ifPresent(cause -> writeFailure(json, cause));
          metrics.forEach((metric, value) -> json.writeNumberProperty(metric.text(), value));
          if (!metrics.isEmpty()) {
            namespace.ifPresent(name -> writeMetadata(json, now, name, metrics));
          }
          json.writeEndObject();
          json.writeRaw('\n');
        });
    // One write for the whole line keeps concurrent lines apart.
    System.out.write(line, 0, line.length);
    System.out.flush();
  }

  private static void write(JsonGenerator json, Map<String, ?> fields) {
    fields.forEach((name, value) -> {
      if (value instanceof Number number) {
        json.writeNumberProperty(name, number.longValue());
      } else {
        json.writeStringProperty(name, String.valueOf(value));
      }
    });
  }

  private void writeFailure(JsonGenerator json, Throwable cause) {
    json.writeStringProperty("failure", describe(cause));
    if (!isExpected(cause)) {
      json.writeStringProperty("at", frames(cause));
    }
    if (local) {
      StringWriter trace = new StringWriter();
      cause.printStackTrace(new PrintWriter(trace));
      json.writeStringProperty("stackTrace", trace.toString());
    }
  }

  private static void writeMetadata(
      JsonGenerator json, Instant now, String namespace, Map<Metric, Long> metrics) {
    json.writeObjectPropertyStart("_aws");
    json.writeNumberProperty("Timestamp", now.toEpochMilli());
    json.writeArrayPropertyStart("CloudWatchMetrics");
    Map<List<String>, List<Metric>> sets = new LinkedHashMap<>();
    for (Metric metric : metrics.keySet()) {
      sets.computeIfAbsent(metric.dimensions(), dimensions -> new ArrayList<>()).add(metric);
    }
    sets.forEach((dimensions, ofSet) -> {
      json.writeStartObject();
      json.writeStringProperty("Namespace", namespace);
      json.writeArrayPropertyStart("Dimensions");
      json.writeStartArray();
      dimensions.forEach(json::writeString);
      json.writeEndArray();
      json.writeEndArray();
      json.writeArrayPropertyStart("Metrics");
      for (Metric metric : ofSet) {
        json.writeStartObject();
        json.writeStringProperty("Name", metric.text());
        metric.unit().ifPresent(unit -> json.writeStringProperty("Unit", unit));
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    });
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String describe(Throwable failure) {
    StringJoiner chain = new StringJoiner(" <- ");
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      boolean loggable =
          cause instanceof Unavailable
              || cause instanceof ServiceError
              || cause instanceof DeadlineExceeded
              || cause instanceof UnreadableEvent;
      chain.add(cause.getClass().getName() + (loggable ? ": " + cause.getMessage() : ""));
    }
    return chain.toString();
  }

  private static boolean isExpected(Throwable failure) {
    return failure instanceof Unavailable || failure instanceof DeadlineExceeded;
  }

  private static String frames(Throwable failure) {
    StringJoiner frames = new StringJoiner(" < ");
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    StackTraceElement[] trace = root.getStackTrace();
    for (int i = 0; i < Math.min(trace.length, MAX_FRAMES); i++) {
      frames.add(
          trace[i].getClassName()
              + "."
              + trace[i].getMethodName()
              + ":"
              + trace[i].getLineNumber());
    }
    return frames.toString();
  }
}
