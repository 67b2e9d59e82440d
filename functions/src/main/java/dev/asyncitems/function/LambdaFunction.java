package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.lambda.Log;

/**
 * What every function has: a log, what it closes, and its priming before a snapshot. Thread-safe if
 * what the function does is.
 */
abstract class LambdaFunction implements RequestStreamHandler, AutoCloseable {
  private final Log log;
  private final Runnable closing;

  /** A function that uses what the wiring makes. It is primed where a snapshot is to be taken. */
  LambdaFunction(Wiring wiring) {
    log = wiring.log(getClass());
    closing = wiring::close;
    wiring.prime(getClass());
  }

  /** A function that calls nobody, and does without priming. */
  LambdaFunction(Log log) {
    this.log = log;
    closing = () -> {};
  }

  final Log log() {
    return log;
  }

  @Override
  public final void close() {
    closing.run();
  }
}
