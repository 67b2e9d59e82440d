package dev.asyncitems.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.asyncitems.system.Lane;

/** Restricts tests with faults to the embedded lane. */
final class Embedded {
  private Embedded() {}

  /** Skips a test in lanes whose engines run outside this JVM. */
  static void assume() {
    assumeTrue(
        Lane.current() == Lane.EMBEDDED,
        "not applicable to other engines: faults are put between the functions and the embedded"
            + " engines");
  }
}
