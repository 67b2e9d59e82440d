package dev.asyncitems.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.Consumer.Delivery;
import dev.asyncitems.outbox.Consumer.Outcome;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class ConsumerTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final String AT = "2026-01-15T09:32:00.123Z";
  private static final Duration AGE = Duration.ofMinutes(1);
  private static final int LAST = 8;
  private static final UUID ID = UuidV7.at(NOW.minus(AGE));

  // The smallest random numbers give the longest delays.
  private static final RandomGenerator LEAST = () -> 0;

  private final Script script = new Script();
  private Supplier<CompletableFuture<Effect>> effect = () -> Script.done(Effect.DONE);
  private final Consumer consumer =
      new Consumer(
          (id, attempt, deadline) -> {
            script.called("run " + attempt.delivery() + " at " + attempt.at(), deadline);
            return effect.get();
          },
          script.store,
          new Redelivery(Duration.ofMinutes(3), LAST, () -> LEAST),
          Clock.fixed(NOW, ZoneOffset.UTC));
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  @Test
  void aTaskThatTakesEffectAtOnceCostsNoOtherWrite() {
    assertThat(process(3)).isEqualTo(new Outcome.Done(AGE, false));
    assertThat(script.calls).containsExactly("run delivery 3 at " + AT);
  }

  @Test
  void aTaskThatHadFailedBeforeIsToldApart() {
    effect = () -> Script.done(Effect.REPLAYED);
    assertThat(process(1)).isEqualTo(new Outcome.Done(AGE, true));
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void aTaskThatIgnoresItsDeadlineOrReturnsNothingFails() {
    effect = CompletableFuture::new;
    Delivery delivery = new Delivery(Optional.of(ID), "delivery 2", 2);
    assertThat(consumer.process(delivery, Deadline.after(Consumer.FAILURE_RESERVE)).join())
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.cause()).isInstanceOf(DeadlineExceeded.class));
    assertThat(script.calls).endsWith("record failure of delivery 2: the time ran out");
    effect = () -> nothing();
    assertThat(process(2)).isInstanceOf(Outcome.Retry.class);
  }

  @SuppressWarnings("NullAway") // a task is not checked everywhere
  private static CompletableFuture<Effect> nothing() {
    return null;
  }

  @Test
  void theLastDeliveryOfAReplayRecordsItsFailure() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    script.fail = Script.done(false);
    assertThat(process(LAST)).isEqualTo(new Outcome.Retry(Duration.ZERO, away, true));
    assertThat(script.calls)
        .endsWith(
            "record failure of delivery 8: the store was unavailable at the last of 8 deliveries");
    script.recordFailure = Script.done(false);
    assertThat(process(LAST))
        .as("done meanwhile")
        .isEqualTo(new Outcome.Retry(Duration.ZERO, away, false));
  }

  @Test
  void aDuplicateIsDeleted() {
    effect = () -> Script.done(Effect.ALREADY_DONE);
    assertThat(process(1)).isEqualTo(new Outcome.AlreadyDone());
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void aMessageWithoutARowIsRejectedHoweverOftenItCame() {
    effect = () -> Script.done(Effect.UNKNOWN);
    assertThat(process(1)).isEqualTo(new Outcome.Hopeless("no row has the message's id"));
    assertThat(process(LAST)).isEqualTo(new Outcome.Hopeless("no row has the message's id"));
    assertThat(script.calls).hasSize(2);
  }

  @Test
  void aMalformedMessageIsRejectedWithoutACall() {
    assertThat(consumer.process(new Delivery(Optional.empty(), "delivery 1", 1), deadline))
        .isCompletedWithValue(new Outcome.Hopeless("the message is malformed"));
    assertThat(script.calls).isEmpty();
  }

  @Test
  void aClockThatLagsPutsNothingBeforeTheAcceptance() {
    UUID ahead = UuidV7.at(NOW.plusSeconds(60));
    assertThat(process(ahead, 1)).isEqualTo(new Outcome.Done(Duration.ZERO, false));
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    assertThat(process(ahead, LAST)).isEqualTo(new Outcome.Retry(Duration.ZERO, away, true));
    assertThat(script.calls)
        .containsExactly(
            "run delivery 1 at 2026-01-15T09:33:00.123Z",
            "run delivery 8 at 2026-01-15T09:33:00.123Z",
            "fail delivery 8: the store was unavailable at the last of 8 deliveries,"
                + " at 2026-01-15T09:33:00.123Z");
  }

  @Test
  void aFailedAttemptIsRecordedAndBacksOff() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    assertThat(process(2)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(10), away, false));
    assertThat(script.calls)
        .containsExactly(
            "run delivery 2 at " + AT, "record failure of delivery 2: the store was unavailable");
  }

  @Test
  void aTaskThatThrowsIsAFailedAttemptLikeAnyOther() {
    for (Throwable failure :
        List.of(new IllegalStateException("secret"), new StackOverflowError("secret"))) {
      effect =
          () -> {
            throw sneaky(failure);
          };
      assertThat(process(1)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(5), failure, false));
      assertThat(process(LAST)).isEqualTo(new Outcome.Retry(Duration.ZERO, failure, true));
    }
    assertThat(script.calls("record")).hasSize(2);
    assertThat(script.calls("fail")).hasSize(2);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // throws its argument
  private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
    throw (E) failure;
  }

  @Test
  void theLastDeliveryMarksTheRowFailed() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    for (int count : new int[] {LAST, LAST + 5}) {
      script.calls.clear();
      assertThat(process(count)).isEqualTo(new Outcome.Retry(Duration.ZERO, away, true));
      assertThat(script.calls)
          .containsExactly(
              "run delivery " + count + " at " + AT,
              "fail delivery "
                  + count
                  + ": the store was unavailable at the last of "
                  + count
                  + " deliveries, at "
                  + AT);
    }
  }

  @Test
  void theReasonIsInOurWordsAndNeverAnExceptionsMessage() {
    for (Throwable failure :
        List.of(
            new DeadlineExceeded(),
            new IllegalStateException("secret"),
            new AssertionError("secret"))) {
      effect = () -> Script.failed(failure);
      assertThat(process(1)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(5), failure, false));
    }
    assertThat(script.calls("record"))
        .containsExactly(
            "record failure of delivery 1: the time ran out",
            "record failure of delivery 1: an internal error occurred",
            "record failure of delivery 1: an internal error occurred");
  }

  @Test
  void aRowThatCannotBeMarkedOrIsQueuedNoMoreIsLeft() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    script.recordFailure = Script.done(false);
    for (CompletableFuture<Boolean> fail :
        List.of(Script.<Boolean>failed(new IllegalStateException("too")), Script.done(false))) {
      script.fail = fail;
      assertThat(process(LAST)).isEqualTo(new Outcome.Retry(Duration.ZERO, away, false));
    }
  }

  @Test
  void anAttemptThatCannotBeRecordedBacksOffAllTheSame() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    script.recordFailure = Script.failed(new IllegalStateException("too"));
    assertThat(process(3)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(20), away, false));
  }

  @Test
  void itEndsOnceTheFailureIsRecorded() {
    effect = () -> Script.failed(new Unavailable("away"));
    script.recordFailure = new CompletableFuture<>();
    var outcome = consumer.process(delivery(ID, 1), deadline);
    assertThat(outcome).isNotDone();
    script.recordFailure.complete(true);
    assertThat(outcome).isCompleted();
  }

  @Test
  void timeIsKeptBackToRecordAFailure() {
    effect = () -> Script.failed(new Unavailable("away"));
    process(1);
    process(LAST);
    for (int run : new int[] {0, 2}) {
      assertThat(script.deadlines.get(run).remaining())
          .isLessThanOrEqualTo(deadline.remaining().minus(Consumer.FAILURE_RESERVE).plusSeconds(1));
      assertThat(script.deadlines.get(run + 1).remaining())
          .as("leaves time to delay the message")
          .isLessThanOrEqualTo(deadline.remaining().minus(Consumer.DELAY_RESERVE).plusMillis(900))
          .isGreaterThan(script.deadlines.get(run).remaining());
    }
  }

  @Test
  void aMessageThatCannotBeDeadLetteredBacksOffToo() {
    assertThat(consumer.delay(delivery(ID, 3))).hasSeconds(20);
    assertThat(consumer.delay(delivery(ID, LAST))).isZero();
  }

  private Outcome process(int count) {
    return process(ID, count);
  }

  private Outcome process(UUID id, int count) {
    return consumer.process(delivery(id, count), deadline).resultNow();
  }

  private static Delivery delivery(UUID id, int count) {
    return new Delivery(Optional.of(id), "delivery " + count, count);
  }
}
