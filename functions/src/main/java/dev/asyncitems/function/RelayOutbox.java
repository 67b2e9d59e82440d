package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.READ_SHARDS;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.ScheduleShell;
import dev.asyncitems.lambda.Shell;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Relay;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The outbox relay. It dispatches the due entries of all kinds of task every minute. */
public final class RelayOutbox extends LambdaFunction {
  // A run's deadline is earlier than the invocation's, so that its pending calls can end.
  private static final Duration LAST_CALLS = Duration.ofSeconds(2);

  private final List<Relay> relays;
  private final Shell shell;

  public RelayOutbox() {
    this(System.getenv(), Clock.systemUTC());
  }

  public RelayOutbox(Map<String, String> environment, Clock clock) {
    Wiring wiring = new Wiring(environment, clock, TaskKind.toRun(TaskKind.ALL, READ_SHARDS));
    super(wiring);
    relays = TaskKind.ALL.stream().map(kind -> wiring.relay(kind, new Lines(kind, log()))).toList();
    shell = new ScheduleShell(this::run, log());
  }

  @Override
  Shell shell() {
    return shell;
  }

  private CompletableFuture<ScheduleShell.Done> run(Deadline deadline) {
    return Futures.all(relays.stream().map(relay -> relay.run(deadline.less(LAST_CALLS))).toList())
        .thenApply(RelayOutbox::done);
  }

  /** Returns the result of a tick from the reports of all kinds of task. */
  static ScheduleShell.Done done(List<Relay.Report> reports) {
    Relay.Report all = reports.stream().reduce(Relay.Report.NOTHING, Relay.Report::plus);
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("due", all.due());
    counts.put("sent", all.dispatched());
    counts.put("notSent", all.failed());
    counts.put("gaveUp", all.gaveUp());
    Map<Metric, Long> metrics = new EnumMap<>(Metric.class);
    metrics.put(Metric.OLDEST_DUE, all.oldest().toMillis());
    metrics.put(Metric.DISPATCHED, (long) all.dispatched());
    metrics.put(Metric.FAILED, (long) all.gaveUp());
    // CloudWatch charges for each metric that occurs in an hour, so zero values are left out.
    metrics.values().removeIf(value -> value == 0);
    // No task is lost, but the error triggers the operator's alarm.
    Optional<RuntimeException> error =
        reports.stream()
            .filter(Relay.Report::failedAltogether)
            .findFirst()
            .map(report ->
                new Unavailable(
                    "failed to dispatch any of " + report.failed() + " due entries",
                    report.failure().orElse(null)));
    return new ScheduleShell.Done(counts, metrics, all.failure(), error);
  }

  /** An observer that logs each dispatched or failed entry. */
  private record Lines(TaskKind<?> kind, Log log) implements Relay.Observer {
    @Override
    public void dispatched(OutboxEntry entry) {
      write(Log.Level.INFO, entry, "dispatched");
    }

    @Override
    public void gaveUp(OutboxEntry entry) {
      write(Log.Level.WARN, entry, "failed");
    }

    private void write(Log.Level level, OutboxEntry entry, String outcome) {
      Map<String, Object> fields = new LinkedHashMap<>(entry.trace().fields());
      fields.put(kind.idField(), entry.id().toString());
      fields.put("dispatches", entry.dispatches());
      fields.put("outcome", outcome);
      log.write(level, "entry", fields, Optional.empty());
    }
  }
}
