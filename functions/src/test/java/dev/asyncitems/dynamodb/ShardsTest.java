package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShardsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 99})
  void idsOfOneMomentAreSpreadEvenly(int shards) {
    int rows = 1_000 * shards;
    int[] counts = new int[shards];
    for (int i = 0; i < rows; i++) {
      counts[Shards.of(UuidV7.at(Instant.EPOCH), shards)]++;
    }
    // Ten standard deviations of a thousand: chance does not fail it.
    for (int count : counts) {
      assertThat(count).isBetween(680, 1_320);
    }
  }

  @Test
  void anyUuidHasAShardAndAlwaysTheSame() {
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      UUID id = new UUID(random.nextLong(), random.nextLong());
      int shards = 1 + random.nextInt(99);
      assertThat(Shards.of(id, shards))
          .isBetween(0, shards - 1)
          .isEqualTo(Shards.of(UUID.fromString(id.toString()), shards));
    }
  }

  @Test
  void theShardOfAnIdIsWhatItWasWhenItsRowWasWritten() {
    // Rows keep their shard; another rule would make failed ones move between partitions.
    assertThat(Shards.of(UUID.fromString("019bc0fe-749b-79d1-ab7f-05c3d8e46a19"), 8)).isEqualTo(1);
    assertThat(Shards.of(UUID.fromString("019bc0fe-749b-79d1-ab7f-05c3d8e46a1f"), 8)).isEqualTo(7);
  }
}
