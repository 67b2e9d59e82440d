package dev.asyncitems.edge;

import dev.asyncitems.kernel.DeadlinePassed;
import dev.asyncitems.kernel.Futures;
import dev.asyncitems.kernel.ServiceRefused;
import dev.asyncitems.kernel.Times;
import dev.asyncitems.kernel.Unavailable;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import tools.jackson.core.JsonGenerator;

/**
 * Log lines: one JSON object each on {@code System.out}, which Lambda keeps as it is when it has a
 * {@code timestamp} and a {@code level} ("Log and monitor Java Lambda functions"). Safe for use by
 * any number of threads.
 *
 * <p>A line never holds an event, a header, a body or a secret; of a failure only the classes and
 * the places, since a message may quote what a client sent.
 */
public final class Log {
  private static final int MAX_FRAMES = 8;

  private final String function;
  private final Clock clock;

  /**
   * @param function the name that its lines carry
   */
  public Log(String function, Clock clock) {
    this.function = function;
    this.clock = clock;
  }

  /** How serious a line is. */
  public enum Level {
    INFO,
    WARN,
    ERROR
  }

  /** Writes a line. Field values are text, or numbers. */
  public void write(
      Level level, String message, Map<String, ?> fields, Optional<Throwable> failure) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("timestamp", Times.text(Times.now(clock)));
    line.put("level", level.name());
    line.put("message", message);
    line.put("function", function);
    line.putAll(fields);
    failure.ifPresent(thrown -> {
      line.put("failure", describe(Futures.cause(thrown)));
      if (!isExpected(Futures.cause(thrown))) {
        line.put("at", frames(Futures.cause(thrown)));
      }
    });
    // One call, so that lines of several threads don't mix.
    System.out.println(Json.write(json -> write(json, line)));
  }

  private static void write(JsonGenerator json, Map<String, Object> line) {
    json.writeStartObject();
    line.forEach((name, value) -> {
      if (value instanceof Number number) {
        json.writeNumberProperty(name, number.longValue());
      } else {
        json.writeStringProperty(name, String.valueOf(value));
      }
    });
    json.writeEndObject();
  }

  private static String describe(Throwable failure) {
    StringJoiner chain = new StringJoiner(" <- ");
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      boolean ownWords =
          cause instanceof Unavailable
              || cause instanceof ServiceRefused
              || cause instanceof DeadlinePassed;
      chain.add(cause.getClass().getName() + (ownWords ? ": " + cause.getMessage() : ""));
    }
    return chain.toString();
  }

  private static boolean isExpected(Throwable failure) {
    return failure instanceof Unavailable || failure instanceof DeadlinePassed;
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
