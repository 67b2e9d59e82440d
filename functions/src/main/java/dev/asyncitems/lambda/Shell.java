package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * An entry point of a function. It reads Lambda's event, calls the handler, and writes the response
 * and a log line. Implementations are thread-safe.
 */
@FunctionalInterface
public interface Shell {
  /** Handles one invocation. Lambda counts a thrown exception as an error. */
  void handle(InputStream in, OutputStream out, Context context);
}
