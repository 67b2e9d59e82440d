package dev.asyncitems.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeadlineTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration NANOSECOND = Duration.ofNanos(1);

  // The clock of the JVM may begin anywhere.
  private long now = Long.MAX_VALUE - 1;

  private Deadline in(Duration time) {
    return Deadline.after(time, () -> now);
  }

  @Test
  void leavesTheTimeThatItWasGiven() {
    Deadline deadline = in(HOUR);
    now += HOUR.minus(NANOSECOND).toNanos();
    assertThat(deadline.passed()).isFalse();
    assertThat(deadline.remaining()).isEqualTo(NANOSECOND);
    now++;
    assertThat(deadline.passed()).isTrue();
    assertThat(deadline.remaining()).isZero();
    assertThat(Deadline.after(HOUR).passed()).as("in real time").isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, -3_600})
  void hasPassedAtOnceWithoutTime(long seconds) {
    Deadline deadline = in(Duration.ofSeconds(seconds));
    assertThat(deadline.passed()).isTrue();
    assertThat(deadline.remaining()).isZero();
  }

  @Test
  void isEarlierByAMargin() {
    Deadline deadline = in(HOUR.multipliedBy(2)).less(HOUR);
    assertThat(deadline.remaining()).isEqualTo(HOUR);
    assertThat(deadline.less(HOUR).passed()).isTrue();
    assertThat(deadline.less(HOUR).less(HOUR.negated()).passed()).isFalse();
  }

  @Test
  void ofAPartLeavesTimeForTheResponse() {
    assertThat(in(HOUR).ofPart().remaining()).isEqualTo(HOUR.minusMillis(200));
  }

  @Test
  void isTheEarlierOfItselfAndATimeFromNow() {
    Deadline deadline = in(HOUR);
    assertThat(deadline.orAfter(HOUR.multipliedBy(2))).isSameAs(deadline);
    assertThat(deadline.orAfter(NANOSECOND).remaining()).isEqualTo(NANOSECOND);
    assertThat(deadline.orAfter(Duration.ZERO).passed()).isTrue();
  }

  @Test
  void onceItHasPassedNoTimeFromNowBringsItBack() {
    Deadline passed = in(Duration.ZERO);
    assertThat(passed.orAfter(HOUR)).isSameAs(passed);
  }
}
