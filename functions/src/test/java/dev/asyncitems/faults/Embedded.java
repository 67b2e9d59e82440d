package dev.asyncitems.faults;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.asyncitems.system.Lane;

/** The lane that faults are for. */
final class Embedded {
  private Embedded() {}

  /** Skips a test in lanes whose engines are not this JVM's. */
  static void assume() {
    assumeThat(Lane.current())
        .as("faults are put between the functions and the embedded engines")
        .isEqualTo(Lane.EMBEDDED);
  }
}
