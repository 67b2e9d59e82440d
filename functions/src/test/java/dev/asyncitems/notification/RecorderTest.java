package dev.asyncitems.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.notification.NotificationQueue.Delivery;
import dev.asyncitems.notification.NotificationStore.Logging;
import dev.asyncitems.notification.Recorder.Outcome;
import dev.asyncitems.trace.TraceContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RecorderTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final String AT = "2026-01-15T09:32:00.123Z";
  private static final int MAX_DELIVERIES = 8;
  private static final NotificationId ID = NotificationId.at(NOW.minusSeconds(60));

  private final Script script = new Script();
  private final Recorder recorder = recorder(Optional.empty(), () -> 0);
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  /** With the random numbers at their least, delays are at their longest. */
  private Recorder recorder(Optional<Duration> retention, RandomGenerator random) {
    return new Recorder(
        script.store,
        script.queue,
        script.deadLetters,
        MAX_DELIVERIES,
        retention,
        Clock.fixed(NOW, ZoneOffset.UTC),
        () -> random);
  }

  @Test
  void aJobThatIsDoneIsLoggedWithItsAttempts() {
    assertThat(record(3)).isEqualTo(new Outcome.Logged(Duration.ofMinutes(1), false));
    assertThat(script.calls).containsExactly("log at " + AT + " attempts 3");
  }

  @Test
  void aReplayIsToldApart() {
    script.log = Script.done(Logging.REPLAYED);
    assertThat(record(1)).isEqualTo(new Outcome.Logged(Duration.ofMinutes(1), true));
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void aDuplicateIsANoOp() {
    script.log = Script.done(Logging.ALREADY_LOGGED);
    assertThat(record(1)).isEqualTo(new Outcome.AlreadyLogged());
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void whatIsLoggedExpiresWhereARetentionIsSet() {
    Recorder recording = recorder(Optional.of(Duration.ofDays(30)), () -> 0);
    assertThat(recording.record(delivery(1), Optional.of(ID), deadline)).isCompleted();
    assertThat(script.calls)
        .containsExactly("log at " + AT + " attempts 1 until 2026-02-14T09:32:00.123Z");
  }

  @Test
  void aClockThatLagsDoesNotLogBeforeTheAcceptance() {
    NotificationId ahead = NotificationId.at(NOW.plusSeconds(60));
    assertThat(recorder.record(delivery(1), Optional.of(ahead), deadline)).isCompleted();
    script.log = Script.failed(new Unavailable("away"));
    assertThat(recorder.record(delivery(MAX_DELIVERIES), Optional.of(ahead), deadline))
        .isCompleted();
    assertThat(script.calls.get(0)).contains("at 2026-01-15T09:33:00.123Z");
    assertThat(script.calls.get(2)).startsWith("fail: ").contains("at 2026-01-15T09:33:00.123Z");
  }

  @Test
  void aJobWithoutARowIsDeadLettered() {
    script.log = Script.done(Logging.UNKNOWN);
    assertThat(record(1)).isEqualTo(new Outcome.DeadLettered("no notification has the job's id"));
    assertThat(script.calls)
        .containsExactly(
            "log at " + AT + " attempts 1",
            "dead letter {job} of request-1: no notification has the job's id");
  }

  @Test
  void aMalformedJobIsDeadLetteredAtOnce() {
    assertThat(recorder.record(delivery(1), Optional.empty(), deadline))
        .isCompletedWithValue(new Outcome.DeadLettered("the job is malformed"));
    assertThat(script.calls)
        .containsExactly("dead letter {job} of request-1: the job is malformed");
  }

  @Test
  void aJobThatFailsIsDeliveredAgainLater() {
    Unavailable away = new Unavailable("away");
    script.log = Script.failed(away);
    assertThat(record(2)).isEqualTo(new Outcome.Retry(away, false));
    assertThat(script.calls)
        .containsExactly("log at " + AT + " attempts 2", "deliver again after PT10S");
  }

  @Test
  void atTheLastDeliveryTheRowIsMarkedAndTheJobGoesBackAtOnce() {
    Unavailable away = new Unavailable("away");
    script.log = Script.failed(away);
    assertThat(record(MAX_DELIVERIES)).isEqualTo(new Outcome.Retry(away, true));
    assertThat(script.calls)
        .containsExactly(
            "log at " + AT + " attempts 8",
            "fail: the store was unavailable at the last of 8 attempts at " + AT + " attempts 8",
            "deliver again after PT0S");
  }

  @Test
  void aDeliveryBeyondTheLastIsALastOneToo() {
    script.log = Script.failed(new Unavailable("away"));
    assertThat(record(MAX_DELIVERIES + 5))
        .isInstanceOfSatisfying(
            Outcome.Retry.class, retry -> assertThat(retry.markedFailed()).isTrue());
    assertThat(script.calls).endsWith("deliver again after PT0S");
  }

  @Test
  void theReasonIsInOurWordsAndNeverAnExceptionsMessage() {
    for (Throwable failure :
        List.of(
            new DeadlineExceeded(),
            new IllegalStateException("secret"),
            new AssertionError("secret"))) {
      script.log = Script.failed(failure);
      assertThat(record(MAX_DELIVERIES)).isEqualTo(new Outcome.Retry(failure, true));
    }
    assertThat(script.calls.stream().filter(call -> call.startsWith("fail: ")))
        .containsExactly(
            "fail: the time ran out at the last of 8 attempts at " + AT + " attempts 8",
            "fail: an internal error occurred at the last of 8 attempts at " + AT + " attempts 8",
            "fail: an internal error occurred at the last of 8 attempts at " + AT + " attempts 8");
  }

  @Test
  void aRowThatCannotBeMarkedOrIsQueuedNoMoreIsLeft() {
    Unavailable away = new Unavailable("away");
    script.log = Script.failed(away);
    for (CompletableFuture<Boolean> fail :
        List.of(Script.<Boolean>failed(new IllegalStateException("too")), Script.done(false))) {
      script.fail = fail;
      assertThat(record(MAX_DELIVERIES)).isEqualTo(new Outcome.Retry(away, false));
    }
  }

  @Test
  void aDeliveryThatCannotBeDelayedIsLeftToTheQueue() {
    Unavailable away = new Unavailable("away");
    script.log = Script.failed(away);
    script.deliverAgain = Script.failed(new IllegalStateException("too"));
    assertThat(record(1)).isEqualTo(new Outcome.Retry(away, false));
    assertThat(record(MAX_DELIVERIES)).isEqualTo(new Outcome.Retry(away, true));
  }

  @Test
  void aJobThatCannotBeDeadLetteredIsDeliveredAgain() {
    Unavailable away = new Unavailable("away");
    script.deadLetter = reason -> Script.failed(away);
    script.log = Script.done(Logging.UNKNOWN);
    assertThat(record(1)).isEqualTo(new Outcome.Retry(away, false));
    assertThat(recorder.record(delivery(MAX_DELIVERIES), Optional.empty(), deadline))
        .isCompletedWithValue(new Outcome.Retry(away, false));
    assertThat(script.calls)
        .endsWith(
            "dead letter {job} of request-1: the job is malformed", "deliver again after PT0S")
        .noneMatch(call -> call.startsWith("fail: "));
  }

  @Test
  void itIsDoneOnlyOnceAllItsCallsAre() {
    script.log = Script.failed(new Unavailable("away"));
    script.fail = new CompletableFuture<>();
    script.deliverAgain = new CompletableFuture<>();
    var outcome = recorder.record(delivery(MAX_DELIVERIES), Optional.of(ID), deadline);
    script.deliverAgain.complete(true);
    assertThat(outcome).isNotDone();
    script.fail.complete(true);
    assertThat(outcome).isCompleted();
  }

  @Test
  void timeIsKeptBackForWhatAFailedAttemptStillHasToDo() {
    script.log = Script.failed(new Unavailable("away"));
    record(MAX_DELIVERIES);
    assertThat(script.deadlines.get(0).remaining())
        .isLessThanOrEqualTo(deadline.remaining().minus(Recorder.AFTERMATH).plusSeconds(1));
    assertThat(script.deadlines.subList(1, 3)).containsOnly(deadline);
  }

  @Test
  void delaysDoubleFrom5SecondsTo15Minutes() {
    long[] seconds = {5, 10, 20, 40, 80, 160, 320, 640, 900, 900};
    for (int count = 1; count <= seconds.length; count++) {
      assertThat(recorder.delay(count)).as("%s", count).hasSeconds(seconds[count - 1]);
    }
  }

  @Test
  void atLeastHalfOfADelayIsKeptHoweverOftenAJobCame() {
    Recorder jittery = recorder(Optional.empty(), new Random(1));
    for (int count = 1; count <= 100; count++) {
      Duration full = recorder.delay(count);
      for (int i = 0; i < 200; i++) {
        assertThat(jittery.delay(count).multipliedBy(2))
            .as("%s", count)
            .isBetween(full, full.multipliedBy(2));
      }
    }
    assertThat(recorder.delay(Integer.MAX_VALUE)).isEqualTo(Duration.ofMinutes(15));
  }

  @Test
  void delaysOfOneCountAreSpread() {
    Recorder jittery = recorder(Optional.empty(), new Random(1));
    assertThat(IntStream.range(0, 100).mapToObj(i -> jittery.delay(8)).distinct())
        .hasSizeGreaterThan(50);
  }

  private Outcome record(int count) {
    return recorder.record(delivery(count), Optional.of(ID), deadline).resultNow();
  }

  private static Delivery delivery(int count) {
    return new Delivery(
        "{job}", "receipt", count, TraceContext.of("request-1", null), Map.of(), Optional.empty());
  }
}
