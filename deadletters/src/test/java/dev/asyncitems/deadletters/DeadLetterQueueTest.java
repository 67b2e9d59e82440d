package dev.asyncitems.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DeadLetterQueueTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Sat, 28 Nov 2026 10:00:00 GMT | 2026-11-28T10:00:00.700Z | 2026-11-28T10:00:00.700Z",
        "Sat, 28 Nov 2026 10:00:05 GMT | 2026-11-28T10:00:00.700Z | 2026-11-28T10:00:00.700Z",
        "Sat, 28 Nov 2026 09:59:50 GMT | 2026-11-28T10:00:00.700Z | 2026-11-28T09:59:50Z",
        "Sat, 28 Nov 2026 11:00:00 GMT | 2026-11-28T10:00:00.700Z | 2026-11-28T11:00:00Z",
        "yesterday                     | 2026-11-28T10:00:00.700Z | 2026-11-28T10:00:00.700Z"
      })
  void usesTheTimeOfSqsIfTheLocalClockIsWrong(String header, Instant here, Instant time) {
    assertThat(DeadLetterQueue.time(Optional.of(header), here)).isEqualTo(time);
  }
}
