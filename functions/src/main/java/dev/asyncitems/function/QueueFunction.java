package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.Context;
import dev.asyncitems.lambda.QueueShell;
import dev.asyncitems.outbox.BackgroundTask;
import java.io.InputStream;
import java.io.OutputStream;

/** The consumer of a background task's queue. Thread-safe. */
abstract class QueueFunction extends LambdaFunction {
  private final QueueShell shell;

  /** Creates a function that runs the effect for each message. */
  QueueFunction(Wiring wiring, Task task, BackgroundTask effect) {
    super(wiring);
    shell = wiring.queueShell(task, effect, log());
  }

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context) {
    shell.handle(input, output, context);
  }
}
