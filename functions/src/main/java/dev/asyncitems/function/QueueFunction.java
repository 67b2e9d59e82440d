package dev.asyncitems.function;

import dev.asyncitems.lambda.Shell;
import dev.asyncitems.outbox.BackgroundTask;

/** The consumer of a background task's queue. Thread-safe. */
abstract class QueueFunction extends LambdaFunction {
  private final Shell shell;

  /** Creates a function that runs the effect for each message. */
  QueueFunction(Wiring wiring, Task task, BackgroundTask effect) {
    super(wiring);
    shell = wiring.queueShell(task, effect, log());
  }

  @Override
  final Shell shell() {
    return shell;
  }
}
