package dev.asyncitems.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TimesTest {
  @ParameterizedTest
  @CsvSource({
    "2026-01-15T09:32:00Z,           2026-01-15T09:32:00.000Z",
    "2026-01-15T09:32:00.1Z,         2026-01-15T09:32:00.100Z",
    "2026-01-15T09:32:00.123Z,       2026-01-15T09:32:00.123Z",
    "2026-01-15T09:32:00.123999999Z, 2026-01-15T09:32:00.123Z",
    "2026-01-15T00:00:00Z,           2026-01-15T00:00:00.000Z"
  })
  void alwaysHaveThreeFractionalDigits(Instant time, String text) {
    assertThat(Times.text(time)).isEqualTo(text);
    assertThat(Instant.parse(Times.text(time))).isEqualTo(Instant.parse(text));
  }

  @Test
  void nowIsCutToTheMillisecondAndNotRounded() {
    Instant time = Instant.parse("2026-01-15T09:32:00.123999999Z");
    assertThat(Times.now(Clock.fixed(time, ZoneId.of("Asia/Kolkata"))))
        .isEqualTo(Instant.parse("2026-01-15T09:32:00.123Z"));
  }

  @Test
  void textsSortAsTheirTimesDo() {
    Instant time = Instant.parse("2026-12-31T23:59:59.999Z");
    assertThat(Times.text(time)).isLessThan(Times.text(time.plusMillis(1)));
    assertThat(Times.text(time)).hasSameSizeAs(Times.text(time.plusMillis(1)));
  }

  @Test
  void aTextThatIsNoTimeIsNone() {
    Instant time = Instant.parse("2026-01-15T09:32:00.120Z");
    assertThat(Times.parse(Times.text(time))).contains(time);
    assertThat(Times.parse("2026-01-15T09:32:00.12Z")).contains(time);
    for (String text : new String[] {"", "today", "2026-01-15", "2026-13-01T00:00:00Z"}) {
      assertThat(Times.parse(text)).as(text).isEmpty();
    }
  }

  @Test
  void theLaterOfTwoIsFoundWhicheverComesFirst() {
    Instant early = Instant.EPOCH;
    Instant late = early.plusMillis(1);
    assertThat(Times.later(early, late)).isEqualTo(late);
    assertThat(Times.later(late, early)).isEqualTo(late);
    assertThat(Times.later(late, late)).isEqualTo(late);
  }
}
