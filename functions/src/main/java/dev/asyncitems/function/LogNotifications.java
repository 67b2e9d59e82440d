package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.DONE_RETENTION_DAYS;

import java.time.Clock;
import java.util.Map;

/** The consumer of notifications. It logs a notification by marking its task done. */
public final class LogNotifications extends QueueFunction {
  public LogNotifications() {
    this(System.getenv(), Clock.systemUTC());
  }

  public LogNotifications(Map<String, String> environment, Clock clock) {
    super(
        environment,
        clock,
        TaskKind.NOTIFICATION,
        (wiring, entries) -> entries::complete,
        DONE_RETENTION_DAYS);
  }
}
