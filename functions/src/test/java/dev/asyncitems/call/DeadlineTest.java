package dev.asyncitems.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeadlineTest {
  private static final Duration HOUR = Duration.ofHours(1);

  // A slow machine may lose time between creating a deadline and checking it.
  private static final Duration SLOWNESS = Duration.ofMinutes(5);

  @Test
  void leavesTheTimeThatItWasGiven() {
    Deadline deadline = Deadline.after(HOUR);
    assertThat(deadline.passed()).isFalse();
    assertThat(deadline.remaining()).isBetween(HOUR.minus(SLOWNESS), HOUR);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, -3_600})
  void hasPassedAtOnceWithoutTime(long seconds) {
    Deadline deadline = Deadline.after(Duration.ofSeconds(seconds));
    assertThat(deadline.passed()).isTrue();
    assertThat(deadline.remaining()).isZero();
  }

  @Test
  void isEarlierByAMargin() {
    Deadline deadline = Deadline.after(HOUR.multipliedBy(2)).less(HOUR);
    assertThat(deadline.remaining()).isBetween(HOUR.minus(SLOWNESS), HOUR);
    assertThat(deadline.less(HOUR).passed()).isTrue();
    assertThat(deadline.less(HOUR).less(HOUR.negated()).passed()).isFalse();
  }

  @Test
  void isTheEarlierOfItselfAndATimeFromNow() {
    Deadline deadline = Deadline.after(HOUR);
    assertThat(deadline.orAfter(HOUR.multipliedBy(2))).isSameAs(deadline);
    assertThat(deadline.orAfter(Duration.ofMinutes(10)).remaining())
        .isLessThanOrEqualTo(Duration.ofMinutes(10));
    assertThat(deadline.orAfter(Duration.ZERO).passed()).isTrue();
  }

  @Test
  void onceItHasPassedNoTimeFromNowBringsItBack() {
    Deadline passed = Deadline.after(Duration.ZERO);
    assertThat(passed.orAfter(HOUR)).isSameAs(passed);
  }
}
