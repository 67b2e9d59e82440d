package dev.asyncitems.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class AgeTest {
  @ParameterizedTest
  @CsvSource({"0s, PT0S", "90s, PT90S", "15m, PT15M", "2h, PT2H", "3d, PT72H"})
  void parsesAges(String text, Duration age) {
    assertThat(new Age().convert(text)).isEqualTo(age);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "m", "-1m", "1w", "1.5h", "1h30m", "99999999999s"})
  void rejectsOtherFormats(String text) {
    assertThatThrownBy(() -> new Age().convert(text)).isInstanceOf(TypeConversionException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "-PT5S, 0s",
    "PT0.9S, 0s",
    "PT119S, 119s",
    "PT120S, 2m",
    "PT119M, 119m",
    "PT120M, 2h",
    "PT47H, 47h",
    "PT48H, 2d",
    "PT8784H, 366d"
  })
  void formatsInTheLargestUnit(Duration age, String text) {
    assertThat(Age.of(age)).isEqualTo(text);
  }
}
