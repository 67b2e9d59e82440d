package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.notification.Status;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class OutboxIndexTest {
  private static final Instant TIME = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final UUID LEAST = new UUID(0, 0);
  private static final UUID GREATEST = new UUID(-1, -1);

  @Test
  void partitionsAreByStatusAndShard() {
    assertThat(OutboxIndex.partition(Status.QUEUED, 0)).isEqualTo("queued#0");
    assertThat(OutboxIndex.partition(Status.FAILED, 12)).isEqualTo("failed#12");
  }

  @Test
  void rowsSortByTimeAndThenById() {
    assertThat(OutboxIndex.at(TIME, LEAST))
        .isEqualTo("2026-01-15T09:32:00.123Z#00000000-0000-0000-0000-000000000000")
        .isLessThan(OutboxIndex.at(TIME, GREATEST));
    assertThat(OutboxIndex.at(TIME, GREATEST))
        .isLessThan(OutboxIndex.at(TIME.plusMillis(1), LEAST));
  }

  @Test
  void behindATimeIsBehindAllOfItsRowsAndBeforeAllLaterOnes() {
    assertThat(OutboxIndex.behind(TIME))
        .isGreaterThan(OutboxIndex.at(TIME, GREATEST))
        .isLessThan(OutboxIndex.at(TIME.plusMillis(1), LEAST));
  }

  @Test
  void theTimeIsReadBack() {
    assertThat(OutboxIndex.time(OutboxIndex.at(TIME, GREATEST))).isEqualTo(TIME);
  }
}
