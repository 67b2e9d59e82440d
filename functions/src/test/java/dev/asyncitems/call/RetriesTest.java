package dev.asyncitems.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RetriesTest {
  private static final Duration LAST = Duration.ofMillis(500);

  private final AtomicLong nanos = new AtomicLong();
  private final Retries longest =
      new Retries(
          () -> () -> 0,
          time -> CompletableFuture.runAsync(() -> nanos.addAndGet(time.toNanos()), Runnable::run));

  private Deadline in(Duration time) {
    return Deadline.after(time, nanos::get);
  }

  @Test
  void pausesDoubleFrom40MillisecondsToHalfASecond() {
    Deadline deadline = in(Duration.ofMinutes(1));
    long[] millis = {40, 80, 160, 320, 500, 500};
    for (int attempt = 1; attempt <= millis.length; attempt++) {
      nanos.set(0);
      assertThat(longest.pause(attempt, deadline)).isCompletedWithValue(attempt + 1);
      assertThat(Duration.ofNanos(nanos.get())).hasMillis(millis[attempt - 1]);
    }
    assertThat(longest.backoff().longest(Integer.MAX_VALUE)).isEqualTo(LAST);
  }

  @Test
  void aWholePauseIsRandom() {
    Backoff backoff = new Retries(() -> new Random(1), Pause.REAL).backoff();
    Random random = new Random(1);
    Backoff spread = new Backoff(LAST, LAST, 1, () -> random);
    assertThat(backoff.delay(1)).isBetween(Duration.ofMillis(1), Duration.ofMillis(40));
    assertThat(IntStream.range(0, 2_000).mapToObj(i -> spread.delay(1).toMillis()))
        .allMatch(millis -> millis >= 1 && millis <= 500)
        .anyMatch(millis -> millis < 20)
        .anyMatch(millis -> millis > 480);
  }

  @Test
  void noAttemptBeginsWithoutTimeForIt() {
    Duration enough = Retries.ATTEMPT.plusMillis(40);
    assertThat(longest.pause(1, in(enough))).isCompletedWithValue(2);
    assertThat(longest.pause(1, in(enough.minusMillis(1))))
        .isCompletedExceptionally()
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(Unavailable.class);
  }

  @Test
  void patienceEndsWithTheDeadlineOrBeforeIt() {
    assertThat(longest.patience(in(Duration.ofSeconds(1))).remaining()).hasSeconds(1);
    assertThat(longest.patience(in(Duration.ofMinutes(1))).remaining()).hasMillis(4_700);
  }
}
