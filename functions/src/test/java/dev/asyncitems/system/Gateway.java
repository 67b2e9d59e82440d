package dev.asyncitems.system;

import java.net.URI;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;

/**
 * The gateway in front of the functions. It is the local run by default, and the gateway in {@code
 * -Dgateway} with {@code -Dapi.url}. docs/deployment-without-aws.md lists the differences.
 */
enum Gateway {
  LOCAL_RUN,
  /** {@code sam local start-api}. */
  SAM_LOCAL,
  /** MiniStack's HTTP API. */
  MINISTACK,
  /** API Gateway on AWS, the default with {@code -Dapi.url}. */
  AWS;

  /** Returns the gateway of this test run. */
  static Gateway current() {
    return url().isEmpty()
        ? LOCAL_RUN
        : valueOf(System.getProperty("gateway", "aws").toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Returns the address in {@code -Dapi.url}. */
  static URI uri() {
    return URI.create(url());
  }

  private static String url() {
    return System.getProperty("api.url", "");
  }

  /**
   * Returns a suffix with which a path still matches its route. MiniStack sends paths with a slash
   * to $default.
   */
  static String slash() {
    return current() == MINISTACK ? "" : "/";
  }

  /**
   * Returns the number of parallel calls to make instead of {@code many}. MiniStack starts a
   * container for each call.
   */
  static int atOnce(int many) {
    return current() == MINISTACK ? 4 : many;
  }

  /** Skips the test as not applicable if this is the gateway and the case applies. */
  static void notApplicable(Gateway gateway, boolean thisCase, String because) {
    Assumptions.assumeFalse(
        current() == gateway && thisCase, "not applicable to " + gateway + ": " + because);
  }
}
