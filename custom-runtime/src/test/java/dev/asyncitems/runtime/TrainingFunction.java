package dev.asyncitems.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * All functions in one process, because a single run must train the cache. The first line of an
 * event names the class that handles it.
 *
 * <p>The runtime interface client finds this class in its working directory. It is not on the class
 * path, which must be the same in training and in production.
 */
public final class TrainingFunction implements RequestStreamHandler {
  private final Map<String, RequestStreamHandler> functions = new HashMap<>();

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    String event = new String(input.readAllBytes(), StandardCharsets.UTF_8);
    int line = event.indexOf('\n');
    byte[] rest = event.substring(line + 1).getBytes(StandardCharsets.UTF_8);
    functions
        .computeIfAbsent(event.substring(0, line), TrainingFunction::make)
        .handleRequest(new ByteArrayInputStream(rest), output, context);
  }

  private static RequestStreamHandler make(String name) {
    try {
      return Class.forName(name)
          .asSubclass(RequestStreamHandler.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(name, e);
    }
  }
}
