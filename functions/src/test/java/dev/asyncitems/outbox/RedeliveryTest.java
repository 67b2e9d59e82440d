package dev.asyncitems.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedeliveryTest {
  private static final Duration VISIBILITY = Duration.ofMinutes(3);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static Redelivery redelivery(int deliveries, RandomGenerator random) {
    return new Redelivery(VISIBILITY, deliveries, () -> random);
  }

  /** Returns a policy with the longest delays, which the smallest random numbers give. */
  private static Redelivery longest(int deliveries) {
    return redelivery(deliveries, () -> 0);
  }

  @Test
  void delaysDoubleFrom5SecondsTo15Minutes() {
    long[] seconds = {5, 10, 20, 40, 80, 160, 320, 640, 900, 900};
    Redelivery many = longest(Integer.MAX_VALUE);
    for (int count = 1; count <= seconds.length; count++) {
      assertThat(many.delay(count)).as("%s", count).hasSeconds(seconds[count - 1]);
    }
    assertThat(many.delay(Integer.MAX_VALUE - 1)).hasMinutes(15);
  }

  @Test
  void atLeastHalfOfADelayIsKept() {
    Redelivery many = longest(Integer.MAX_VALUE);
    Redelivery jittery = redelivery(Integer.MAX_VALUE, new Random(1));
    for (int count = 1; count <= 100; count++) {
      Duration full = many.delay(count);
      for (int i = 0; i < 200; i++) {
        assertThat(jittery.delay(count).multipliedBy(2))
            .as("%s", count)
            .isBetween(full, full.multipliedBy(2));
      }
    }
  }

  @Test
  void delaysOfOneCountAreSpread() {
    Redelivery jittery = redelivery(99, new Random(1));
    assertThat(IntStream.range(0, 100).mapToObj(i -> jittery.delay(8)).distinct())
        .hasSizeGreaterThan(50);
    assertThat(IntStream.range(0, 1_000).mapToObj(i -> jittery.delay(1)).distinct())
        .as("between 2.5 and 5 s")
        .containsExactlyInAnyOrder(
            Duration.ofSeconds(3), Duration.ofSeconds(4), Duration.ofSeconds(5));
  }

  @Test
  void atAndAfterTheLastDeliveryThereIsNoDelay() {
    Redelivery five = longest(5);
    assertThat(five.delay(4)).hasSeconds(40);
    for (int count : new int[] {5, 6, 100, Integer.MAX_VALUE}) {
      assertThat(five.delay(count)).as("%s", count).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 240", "5, 960", "8, 1680", "99, 86050"})
  void aMessageLivesAsLongAsItsDeliveriesAndAMinute(int deliveries, long seconds) {
    assertThat(longest(deliveries).messageLife()).hasSeconds(seconds);
  }

  @ParameterizedTest
  @CsvSource({"5", "8", "99"})
  void noMessageOutlivesItHoweverItsDeliveriesEnd(int deliveries) {
    Redelivery redelivery = longest(deliveries);
    Duration crashing = VISIBILITY.multipliedBy(deliveries);
    Duration failing = TIMEOUT.multipliedBy(deliveries);
    for (int count = 1; count < deliveries; count++) {
      failing = failing.plus(redelivery.delay(count));
    }
    assertThat(redelivery.messageLife()).isGreaterThan(crashing).isGreaterThan(failing);
    Redelivery jittery = redelivery(deliveries, new Random(1));
    assertThat(jittery.messageLife()).as("no jitter").isEqualTo(redelivery.messageLife());
  }
}
