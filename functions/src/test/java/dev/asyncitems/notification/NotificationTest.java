package dev.asyncitems.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NotificationTest {
  static String[] invalid() {
    return new String[] {"", " ", "\n", "a\u0007", "\u0000", "m".repeat(4_097)};
  }

  @Test
  void aMessageHas1To4096CharactersAndMayHaveLines() {
    assertThat(Notification.of("m".repeat(4_096)).message()).hasSize(4_096);
    assertThat(Notification.of("a\tb\r\nc").message()).isEqualTo("a\tb\r\nc");
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void aMessageThatBreaksTheRuleIsRejected(String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> Notification.of(message));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void anOlderRowMayBreakTheRule(String message) {
    assertThat(new Notification(message).message()).isEqualTo(message);
  }
}
