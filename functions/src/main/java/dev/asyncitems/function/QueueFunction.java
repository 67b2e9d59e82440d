package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.DONE_RETENTION_DAYS;

import dev.asyncitems.lambda.Shell;
import dev.asyncitems.outbox.BackgroundTask;
import dev.asyncitems.outbox.OutboxStore;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** A function that consumes the queue of one kind of background task. Thread-safe. */
abstract class QueueFunction extends LambdaFunction {
  private final Shell shell;

  /** Creates a function. {@code effect} returns the background task to run for each message. */
  QueueFunction(
      Map<String, String> environment,
      Clock clock,
      TaskKind<?> kind,
      BiFunction<Wiring, OutboxStore, BackgroundTask> effect) {
    Wiring wiring =
        new Wiring(environment, clock, TaskKind.toRun(List.of(kind), DONE_RETENTION_DAYS));
    super(wiring);
    shell = wiring.queueShell(kind, effect, log());
  }

  @Override
  final Shell shell() {
    return shell;
  }
}
