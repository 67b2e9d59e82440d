package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.Context;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.ScheduleShell;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.notification.NotificationStore.Waiting;
import dev.asyncitems.notification.Relay;
import dev.asyncitems.settings.Setting;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The relay: each minute enqueues what still waits and whose turn has come. */
public final class RelayNotifications extends LambdaFunction {
  // What is under way when a run stops taking rows can still end.
  private static final Duration LAST_ROWS = Duration.ofSeconds(2);

  private final Relay relay;
  private final ScheduleShell shell;

  /** The function as Lambda makes it. */
  public RelayNotifications() {
    this(System.getenv(), Clock.systemUTC());
  }

  /**
   * The function in another environment.
   *
   * @throws IllegalStateException if variables are missing or malformed
   */
  public RelayNotifications(Map<String, String> environment, Clock clock) {
    Wiring wiring =
        new Wiring(
            environment,
            clock,
            Setting.NOTIFICATIONS_TABLE,
            Setting.QUEUE_URL,
            Setting.DEAD_LETTER_QUEUE_URL,
            Setting.READ_SHARDS);
    super(wiring);
    relay = wiring.relay(new Lines(log()));
    shell = new ScheduleShell(this::run, log());
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {
    shell.handle(output, context);
  }

  private CompletableFuture<ScheduleShell.Done> run(Deadline deadline) {
    return relay
        .run(deadline.less(LAST_ROWS))
        .thenApply(report -> {
          if (report.refused() > 0 && report.enqueued() + report.gaveUp() == 0) {
            // Nothing is lost, but somebody has to know.
            String what = "the queues took none of " + report.refused() + " jobs";
            throw report
                .failure()
                .map(why -> new Unavailable(what, why))
                .orElseGet(() -> new Unavailable(what));
          }
          Map<String, Integer> counts = new LinkedHashMap<>();
          counts.put("due", report.due());
          counts.put("enqueued", report.enqueued());
          counts.put("refused", report.refused());
          counts.put("gaveUp", report.gaveUp());
          return new ScheduleShell.Done(counts, metrics(report), report.failure());
        });
  }

  private static Map<Metric, Long> metrics(Relay.Report report) {
    Map<Metric, Long> metrics = new EnumMap<>(Metric.class);
    if (report.due() > 0) {
      metrics.put(Metric.OLDEST_DUE, report.oldest().toMillis());
    }
    if (report.enqueued() > 0) {
      metrics.put(Metric.RELAYED, (long) report.enqueued());
    }
    if (report.gaveUp() > 0) {
      metrics.put(Metric.FAILED, (long) report.gaveUp());
    }
    return metrics;
  }

  /** A line for each notification: seldom are there any. */
  private record Lines(Log log) implements Relay.Observer {
    @Override
    public void enqueued(Waiting row) {
      write(Log.Level.INFO, row, "relayed");
    }

    @Override
    public void gaveUp(Waiting row) {
      write(Log.Level.WARN, row, "failed");
    }

    private void write(Log.Level level, Waiting row, String outcome) {
      Map<String, Object> fields = new LinkedHashMap<>(row.traceContext().fields());
      fields.put("notificationId", row.id().toString());
      fields.put("turns", row.turns());
      fields.put("outcome", outcome);
      log.write(level, "turn", fields, Optional.empty());
    }
  }
}
