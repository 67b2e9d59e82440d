package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Optional;
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
      counts[writing(shards).of(UuidV7.at(Instant.EPOCH))]++;
    }
    // The bounds are ten standard deviations of 1,000 away, so the test never fails by chance.
    for (int count : counts) {
      assertThat(count).isBetween(680, 1_320);
    }
  }

  @Test
  void anyUuidHasAShardAndAlwaysTheSame() {
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      UUID id = new UUID(random.nextLong(), random.nextLong());
      int count = 1 + random.nextInt(99);
      assertThat(writing(count).of(id))
          .isBetween(0, count - 1)
          .isEqualTo(writing(count).of(UUID.fromString(id.toString())));
    }
  }

  @Test
  void theShardOfAnIdIsWhatItWasWhenItsRowWasWritten() {
    // Rows keep their shard. Another rule would move failed rows between partitions.
    assertThat(writing(8).of(UUID.fromString("019bc0fe-749b-79d1-ab7f-05c3d8e46a19"))).isEqualTo(1);
    assertThat(writing(8).of(UUID.fromString("019bc0fe-749b-79d1-ab7f-05c3d8e46a1f"))).isEqualTo(7);
  }

  @Test
  void shardsThatAFunctionWasNotGivenAreNotGuessed() {
    Shards reading = new Shards(Optional.of(new Shards.Read(8)), Optional.empty());
    assertThat(reading.toRead()).isEqualTo(8);
    assertThatIllegalStateException()
        .isThrownBy(() -> reading.of(ID))
        .withMessage("WRITE_SHARDS is not among the needed variables");
    assertThatIllegalStateException()
        .isThrownBy(() -> writing(8).toRead())
        .withMessage("READ_SHARDS is not among the needed variables");
  }

  private static final UUID ID = UUID.fromString("019bc0fe-749b-79d1-ab7f-05c3d8e46a1f");

  private static Shards writing(int count) {
    return new Shards(Optional.empty(), Optional.of(new Shards.Write(count)));
  }
}
