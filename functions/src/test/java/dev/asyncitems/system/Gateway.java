package dev.asyncitems.system;

import java.net.URI;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;

/**
 * What stands between the tests' requests and the functions: the local run's front, or, with {@code
 * -Dapi.url}, what {@code -Dgateway} names. docs/deployment-without-aws.md lists how they differ.
 */
enum Gateway {
  LOCAL_RUN,
  /** {@code sam local start-api}. */
  SAM_LOCAL,
  /** MiniStack's HTTP API. */
  MINISTACK,
  /** AWS's own, if nothing else is named. */
  AWS;

  /** The gateway of this test run. */
  static Gateway current() {
    return url().isEmpty()
        ? LOCAL_RUN
        : valueOf(System.getProperty("gateway", "aws").toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Where the API answers that {@code -Dapi.url} names. */
  static URI uri() {
    return URI.create(url());
  }

  private static String url() {
    return System.getProperty("api.url", "");
  }

  /** What a path may end in and still match its route; MiniStack sends slash forms to $default. */
  static String slash() {
    return current() == MINISTACK ? "" : "/";
  }

  /**
   * How many calls to send at once, where that many would do: each that is under way is a container
   * of its own in MiniStack.
   */
  static int atOnce(int many) {
    return current() == MINISTACK ? 4 : many;
  }

  /** Ends the test as not applicable, if this is the gateway and the case one of its. */
  static void notApplicable(Gateway gateway, boolean thisCase, String because) {
    Assumptions.assumeFalse(
        current() == gateway && thisCase, "not applicable to " + gateway + ": " + because);
  }
}
