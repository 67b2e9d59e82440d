package dev.asyncitems.system;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The engines that the suite is known to run on, with their limits (docs/engines.md). */
enum Engine {
  EMBEDDED("DynamoDB Local and ElasticMQ", ""),
  LOCALSTACK("LocalStack", "/_localstack/health"),
  MINISTACK("MiniStack", "/_ministack/health"),
  MOTO("moto", "/moto-api/"),
  /** An unknown engine must have every capability that does not need the embedded engines. */
  UNKNOWN("an engine at AWS_ENDPOINT_URL", "");

  private final String title;
  private final String ownPath;

  /**
   * Creates an engine.
   *
   * @param ownPath a path that only this engine answers with 200, or empty
   */
  Engine(String title, String ownPath) {
    this.title = title;
    this.ownPath = ownPath;
  }

  boolean can(Capability capability) {
    return switch (capability) {
      case STOP_AND_START, UNITS_BY_INDEX -> this == EMBEDDED;
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

  /** Skips the test as not applicable if this case needs a capability that the engine lacks. */
  void notApplicable(Capability needed, boolean thisCase) {
    Assumptions.assumeFalse(thisCase && !can(needed), lacks(needed));
  }

  /** Returns the reason for skipping a test that needs a capability. */
  String lacks(Capability needed) {
    return "not applicable to " + this + "; it needs that " + needed.need();
  }

  /** Detects the engine at an endpoint. */
  static Engine at(URI endpoint) {
    // MiniStack also answers LocalStack's path.
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
