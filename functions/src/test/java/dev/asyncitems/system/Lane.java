package dev.asyncitems.system;

import dev.asyncitems.local.LocalRunBuilder;
import java.net.URI;
import java.util.UUID;

/**
 * The engines of the integration tests, by {@code -Dlane}: in this JVM ({@code embedded}),
 * LocalStack in Docker ({@code localstack}), or any engine at {@code AWS_ENDPOINT_URL} ({@code
 * endpoint}).
 */
public enum Lane {
  EMBEDDED,
  LOCALSTACK,
  ENDPOINT;

  /** Returns the lane of this test run. */
  public static Lane current() {
    String name = System.getProperty("lane", "embedded");
    return switch (name) {
      case "embedded" -> EMBEDDED;
      case "localstack" -> LOCALSTACK;
      case "endpoint" -> ENDPOINT;
      default ->
          throw new IllegalArgumentException(
              "-Dlane=" + name + ": it must be embedded, localstack or endpoint");
    };
  }

  /** Returns the engine of this test run. */
  static Engine engine() {
    return Answering.ENGINE;
  }

  /** Detects the engine only once. */
  private static final class Answering {
    static final Engine ENGINE =
        switch (current()) {
          case EMBEDDED -> Engine.EMBEDDED;
          case LOCALSTACK -> Engine.LOCALSTACK;
          case ENDPOINT -> Engine.at(endpoint());
        };
  }

  /**
   * Returns a builder for a run of the project's template on the lane's engines, with new tables.
   */
  public static LocalRunBuilder run() {
    LocalRunBuilder run = ProjectTemplate.run();
    return switch (current()) {
      case EMBEDDED -> run;
      case LOCALSTACK -> run.endpoint(LocalStack.endpoint()).stackName(unique());
      case ENDPOINT -> run.endpoint(endpoint()).stackName(unique());
    };
  }

  private static URI endpoint() {
    String url = System.getenv("AWS_ENDPOINT_URL");
    if (url == null || url.isEmpty()) {
      throw new IllegalStateException(
          "-Dlane=endpoint needs AWS_ENDPOINT_URL, the address that DynamoDB and SQS answer at");
    }
    return URI.create(url);
  }

  private static String unique() {
    return "test-" + UUID.randomUUID().toString().substring(0, 8);
  }
}
