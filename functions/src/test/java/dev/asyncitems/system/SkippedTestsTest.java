package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reasons for which a test may be skipped, as JUnit words them. */
final class SkippedTestsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "not applicable to moto; it needs that transactions overlap",
        "Assumption failed: not applicable to moto; it needs that transactions overlap",
        "Disabled on operating system: Mac OS X (aarch64) ==> not applicable to this machine: ...",
      })
  void aTestThatIsNotApplicableMayBeSkipped(String reason) {
    assertThat(SkippedTests.isNotApplicable(reason)).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "void dev.asyncitems.system.ItemsIT.createsAnItem() is @Disabled",
        "Disabled on operating system: Mac OS X (aarch64)",
        "Assumption failed: assumption is not true",
        "",
      })
  void aTestWithoutThatReasonMayNotBeSkipped(String reason) {
    assertThat(SkippedTests.isNotApplicable(reason)).isFalse();
  }
}
