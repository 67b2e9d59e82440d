package dev.asyncitems.function;

import dev.asyncitems.settings.Setting;
import java.time.Clock;
import java.util.Map;

/** The consumer of the queue of notifications. */
public final class LogNotifications extends QueueFunction {
  public LogNotifications() {
    this(System.getenv(), Clock.systemUTC());
  }

  public LogNotifications(Map<String, String> environment, Clock clock) {
    Wiring wiring =
        new Wiring(
            environment,
            clock,
            Task.settings(
                new Task[] {Task.NOTIFICATION},
                Setting.WRITE_SHARDS,
                Setting.VISIBILITY_TIMEOUT_SECONDS,
                Setting.MAX_RECEIVE_COUNT,
                Setting.LOGGED_RETENTION_DAYS));
    super(wiring, Task.NOTIFICATION, wiring.logNotification());
  }
}
