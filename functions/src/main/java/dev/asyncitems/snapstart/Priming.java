package dev.asyncitems.snapstart;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.lambda.Log;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The priming of one function. The function answers a sample event repeatedly, while a {@link
 * PrimingEngine} stands in for AWS.
 */
final class Priming {
  // Lambda limits the init of a snapshot to 130 s ("Understanding the Lambda execution environment
  // lifecycle"). A function of our memory size has 0.58 of a CPU core.
  private static final Duration LONGEST = Duration.ofSeconds(40);

  // With SnapStart, credentials come from the container's endpoint. The SDK reads this property
  // before the variable that Lambda sets ("Container credential provider", AWS SDKs and Tools
  // Reference Guide).
  private static final String CREDENTIALS_ENDPOINT = "aws.containerCredentialsFullUri";

  /** A Lambda context with the request id and the remaining time, which functions read. */
  static final Context CONTEXT =
      (Context)
          Proxy.newProxyInstance(
              Context.class.getClassLoader(),
              new Class<?>[] {Context.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "getAwsRequestId" -> "priming";
                    case "getRemainingTimeInMillis" -> 30_000; // The first answer is slow.
                    default -> method.getReturnType() == int.class ? 0 : null;
                  });

  private Priming() {}

  /**
   * Creates a function, lets it answer an event repeatedly, closes it, and returns the last answer.
   *
   * @param times the maximum number of answers within 40 s; only the first answer is logged
   */
  static <F extends RequestStreamHandler> String answer(
      BiFunction<Map<String, String>, Clock, F> maker,
      Map<String, String> environment,
      Clock clock,
      String event,
      int times)
      throws Exception {
    PrintStream log = System.out;
    try (PrimingEngine engine = new PrimingEngine()) {
      System.setProperty(CREDENTIALS_ENDPOINT, engine.url());
      F function = maker.apply(environment(environment, engine.url()), clock);
      try {
        String answer = answer(function, event);
        System.setOut(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        long begin = System.nanoTime();
        for (int i = 1; i < times && System.nanoTime() - begin < LONGEST.toNanos(); i++) {
          answer = answer(function, event);
        }
        return answer;
      } finally {
        System.setOut(log);
        ((AutoCloseable) function).close();
      }
    } finally {
      System.clearProperty(CREDENTIALS_ENDPOINT);
    }
  }

  private static String answer(RequestStreamHandler function, String event) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    function.handleRequest(
        new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)), answer, CONTEXT);
    return answer.toString(StandardCharsets.UTF_8);
  }

  // Each table is named after its variable. Without a namespace, log lines have no metrics. Without
  // credentials in the environment, the SDK asks the engine for them.
  private static Map<String, String> environment(Map<String, String> real, String endpoint) {
    Map<String, String> environment = new HashMap<>();
    real.forEach((name, value) -> {
      if (name.endsWith("_TABLE")) {
        environment.put(name, name);
      } else if (name.endsWith("_URL")) {
        environment.put(name, endpoint);
      } else if (!name.equals(Log.NAMESPACE)) {
        environment.put(name, value);
      }
    });
    environment.put("ENDPOINT_URL_DYNAMODB", endpoint);
    environment.put("ENDPOINT_URL_SQS", endpoint);
    environment.put("AWS_REGION", "us-east-1");
    return environment;
  }
}
