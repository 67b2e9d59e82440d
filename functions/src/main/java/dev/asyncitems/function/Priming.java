package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Lets a function answer an event without AWS: its endpoints are a {@link PrimingEngine}, which is
 * closed afterwards, and the function with it.
 */
final class Priming {
  private Priming() {}

  /** Returns what a function of this kind answers. */
  static <F extends RequestStreamHandler> String answer(
      BiFunction<Map<String, String>, Clock, F> maker, Clock clock, String event) throws Exception {
    try (PrimingEngine engine = new PrimingEngine()) {
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      F function = maker.apply(environment(engine.url()), clock);
      try {
        function.handleRequest(
            new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
            answer,
            new PrimingContext());
      } finally {
        ((AutoCloseable) function).close();
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }

  // No name of metrics among them: what a priming does isn't counted.
  private static Map<String, String> environment(String endpoint) {
    Map<String, String> environment = new HashMap<>();
    for (Setting setting : Setting.values()) {
      environment.put(setting.name(), "1");
    }
    environment.put("ITEMS_TABLE", PrimingEngine.ITEMS);
    environment.put("NOTIFICATIONS_TABLE", PrimingEngine.NOTIFICATIONS);
    environment.put("IDEMPOTENCY_TABLE", "priming-keys");
    for (String name :
        new String[] {
          "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "ENDPOINT_URL_DYNAMODB", "ENDPOINT_URL_SQS"
        }) {
      environment.put(name, endpoint);
    }
    environment.put("AWS_REGION", "us-east-1");
    environment.put("AWS_ACCESS_KEY_ID", "priming");
    environment.put("AWS_SECRET_ACCESS_KEY", "priming");
    return environment;
  }
}
