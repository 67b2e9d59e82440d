package dev.asyncitems.function;

import dev.asyncitems.lambda.Shell;
import dev.asyncitems.outbox.BackgroundTask;
import dev.asyncitems.outbox.OutboxStore;
import dev.asyncitems.settings.Setting;
import java.time.Clock;
import java.util.Map;
import java.util.function.BiFunction;

/** A function that consumes the queue of one kind of background task. Thread-safe. */
abstract class QueueFunction extends LambdaFunction {
  private final Shell shell;

  /**
   * Creates a function.
   *
   * @param effect returns the background task to run for each message
   * @param others the variables that the task needs in addition to those of every consumer
   */
  QueueFunction(
      Map<String, String> environment,
      Clock clock,
      TaskKind<?> kind,
      BiFunction<Wiring, OutboxStore, BackgroundTask> effect,
      Setting... others) {
    Wiring wiring = new Wiring(environment, clock, kind.toConsume(others));
    super(wiring);
    shell = wiring.queueShell(kind, effect, log());
  }

  @Override
  final Shell shell() {
    return shell;
  }
}
