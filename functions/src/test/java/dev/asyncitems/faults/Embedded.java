package dev.asyncitems.faults;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.asyncitems.system.Lane;

/** Restricts tests with faults to the embedded lane. */
final class Embedded {
  private Embedded() {}

  /** Skips a test in lanes whose engines run outside this JVM. */
  static void assume() {
    assumeThat(Lane.current())
        .as("faults are put between the functions and the embedded engines")
        .isEqualTo(Lane.EMBEDDED);
  }
}
