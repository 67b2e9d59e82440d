package dev.asyncitems.system;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The engines that the suite is known to run on, and what they can't do: docs/engines.md. */
enum Engine {
  EMBEDDED("DynamoDB Local and ElasticMQ", ""),
  LOCALSTACK("LocalStack", "/_localstack/health"),
  MINISTACK("MiniStack", "/_ministack/health"),
  MOTO("moto", "/moto-api/"),
  /** Nothing is known of it, so it has to do everything that an engine elsewhere can do. */
  UNKNOWN("an engine at AWS_ENDPOINT_URL", "");

  private final String title;
  private final String ownPath;

  /**
   * @param ownPath a path that answers 200 there; empty if there is none
   */
  Engine(String title, String ownPath) {
    this.title = title;
    this.ownPath = ownPath;
  }

  boolean can(Capability capability) {
    return switch (capability) {
      case STOP_AND_START -> this == EMBEDDED;
      case TEN_THOUSAND_ROWS -> this == EMBEDDED || this == UNKNOWN;
      case MOVE_TASKS, TRACE_HEADERS -> this != MINISTACK && this != MOTO;
      case TYPED_ADDITIONS -> this != MINISTACK;
      case TRANSACTION_TOKENS,
          ATOMIC_CONDITIONS,
          ISOLATED_TRANSACTIONS,
          TYPED_COMPARISONS,
          CONSUMED_CAPACITY,
          A_THOUSAND_ROWS ->
          this != MOTO;
    };
  }

  /** Ends the test as not applicable, if this case needs what this engine lacks. */
  void notApplicable(Capability needed, boolean thisCase) {
    Assumptions.assumeFalse(thisCase && !can(needed), lacks(needed));
  }

  /** Why a test that needs it is skipped. */
  String lacks(Capability needed) {
    return "not applicable to " + this + "; it needs that " + needed.need();
  }

  /** Which of them answers there. */
  static Engine at(URI endpoint) {
    // MiniStack has LocalStack's path too
    return List.of(MINISTACK, MOTO, LOCALSTACK).stream()
        .filter(engine -> status(endpoint.resolve(engine.ownPath)) == 200)
        .findFirst()
        .orElse(UNKNOWN);
  }

  private static int status(URI uri) {
    try {
      return ((HttpURLConnection) uri.toURL().openConnection()).getResponseCode();
    } catch (IOException e) {
      throw new IllegalStateException("nothing answers at " + uri + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return title;
  }
}
