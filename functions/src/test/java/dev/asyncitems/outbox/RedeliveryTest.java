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

  // The smallest random numbers give the longest delays.
  private final Redelivery longest = redelivery(() -> 0);
  private final Redelivery jittery = redelivery(new Random(1));

  private static Redelivery redelivery(RandomGenerator random) {
    return new Redelivery(VISIBILITY, 30, 8, () -> random);
  }

  @Test
  void delaysDoubleFrom10SecondsToTheRestOfTheVisibilityTimeout() {
    long[] seconds = {10, 20, 40, 80, 150, 150};
    for (int tries = 1; tries <= seconds.length; tries++) {
      assertThat(longest.delay(tries)).as("%s", tries).hasSeconds(seconds[tries - 1]);
    }
    assertThat(longest.delay(Integer.MAX_VALUE)).hasSeconds(150);
  }

  @Test
  void atLeastHalfOfADelayIsKept() {
    for (int tries = 1; tries <= 100; tries++) {
      Duration full = longest.delay(tries);
      for (int i = 0; i < 200; i++) {
        assertThat(jittery.delay(tries).multipliedBy(2))
            .as("%s", tries)
            .isBetween(full, full.multipliedBy(2));
      }
    }
  }

  @Test
  void delaysAfterTheSameNumberOfTriesAreSpread() {
    assertThat(IntStream.range(0, 100).mapToObj(i -> jittery.delay(8)).distinct())
        .hasSizeGreaterThan(30);
    assertThat(IntStream.range(0, 1_000).mapToObj(i -> jittery.delay(1)).distinct())
        .as("between 5 and 10 s, in whole seconds")
        .containsExactlyInAnyOrder(
            IntStream.rangeClosed(6, 10).mapToObj(Duration::ofSeconds).toArray(Duration[]::new));
  }

  @Test
  void theMostDeliveriesAreTheLast() {
    assertThat(longest.isLast(29)).isFalse();
    assertThat(longest.isLast(30)).isTrue();
    assertThat(longest.isLast(Integer.MAX_VALUE)).isTrue();
  }

  @Test
  void theFourthDeliveryIsSuspect() {
    assertThat(longest.isSuspect(3)).isFalse();
    assertThat(longest.isSuspect(4)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "30, 91", "99, 298"})
  void aMessageLivesAsLongAsItsDeliveriesAndAMinute(int deliveries, long minutes) {
    assertThat(Redelivery.messageLife(VISIBILITY, deliveries)).hasMinutes(minutes);
  }

  @Test
  void aFailedAttemptAndItsDelayFitIntoTheVisibilityTimeout() {
    for (int tries = 1; tries <= 100; tries++) {
      assertThat(TIMEOUT.plus(longest.delay(tries))).isLessThanOrEqualTo(VISIBILITY);
    }
  }

  /** An outage that makes attempts fail is survived for so long. */
  @Test
  void eightAttemptsTakeFiveToTenMinutes() {
    Duration most = Duration.ZERO;
    for (int attempts = 1; attempts < longest.maxAttempts(); attempts++) {
      most = most.plus(longest.delay(attempts));
    }
    assertThat(most).hasMinutes(10);
    assertThat(most.dividedBy(2)).as("at the shortest delays").hasMinutes(5);
  }
}
