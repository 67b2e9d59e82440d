package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.Shell;
import dev.asyncitems.lambda.WarmUpShell;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The base class of all functions. Thread-safe.
 *
 * <p>Lambda calls a function's public constructor without parameters. Tests, the local run and
 * priming call the constructor with environment variables and a clock. Both constructors throw
 * {@link IllegalStateException} if variables are missing or malformed.
 */
abstract class LambdaFunction implements RequestStreamHandler, AutoCloseable {
  private final Log log;
  private final Runnable closing;

  /** Creates a function that owns its wiring. Registers priming if Lambda takes a snapshot. */
  LambdaFunction(Wiring wiring) {
    log = wiring.log(getClass());
    closing = wiring::close;
    wiring.prime(getClass());
  }

  /** Creates a function that calls no service and needs no priming. */
  LambdaFunction(Log log) {
    this.log = log;
    closing = () -> {};
  }

  abstract Shell shell();

  final Log log() {
    return log;
  }

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context) {
    new WarmUpShell(shell()).handle(input, output, context);
  }

  @Override
  public final void close() {
    closing.run();
  }
}
