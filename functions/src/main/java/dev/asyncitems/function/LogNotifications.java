package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.LOGGED_RETENTION_DAYS;

import java.time.Clock;
import java.util.List;
import java.util.Map;

/** The consumer of the queue of notifications. */
public final class LogNotifications extends QueueFunction {
  public LogNotifications() {
    this(System.getenv(), Clock.systemUTC());
  }

  public LogNotifications(Map<String, String> environment, Clock clock) {
    Wiring wiring =
        new Wiring(environment, clock, List.of(Task.NOTIFICATION), LOGGED_RETENTION_DAYS);
    super(wiring, Task.NOTIFICATION, wiring.logNotification());
  }
}
