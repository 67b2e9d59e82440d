package dev.asyncitems.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;

final class NotificationTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");

  @Test
  void anIdIsReadInAnyCaseAndHoldsTheTimeOfAcceptance() {
    NotificationId id = NotificationId.at(NOW);
    assertThat(id.time()).isEqualTo(NOW);
    assertThat(NotificationId.parse(id.toString().toUpperCase(Locale.ROOT))).contains(id);
    assertThat(NotificationId.parse("x")).isEmpty();
  }

  @Test
  void aMessageHas1To4096CharactersAndMayHaveLines() {
    assertThat(Notification.accept("m".repeat(4_096), NOW).message()).hasSize(4_096);
    assertThat(Notification.accept("a\tb\r\nc", NOW).message()).isEqualTo("a\tb\r\nc");
    for (String message : new String[] {"", "\n", "a\u0007", "m".repeat(4_097)}) {
      assertThatIllegalArgumentException().isThrownBy(() -> Notification.accept(message, NOW));
    }
  }
}
