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
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class ConsumerTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final String AT = "2026-01-15T09:32:00.123Z";
  private static final Duration AGE = Duration.ofMinutes(1);
  private static final int LAST = 30;
  private static final int MAX_ATTEMPTS = 8;
  private static final int SUSPECT = 4;
  private static final String STOPPED = "the function stopped at the last of 8 attempts";
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
          new Redelivery(Duration.ofMinutes(3), LAST, MAX_ATTEMPTS, () -> LEAST),
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
  void aDuplicateIsDeleted() {
    effect = () -> Script.done(Effect.ALREADY_DONE);
    assertThat(process(1)).isEqualTo(new Outcome.AlreadyDone());
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void aMessageWithoutARowIsRejectedHoweverOftenItCame() {
    effect = () -> Script.done(Effect.UNKNOWN);
    assertThat(process(1)).isEqualTo(new Outcome.Hopeless("no row has the message's id"));
    script.recordStart = Script.done(OptionalInt.empty());
    assertThat(process(LAST)).isEqualTo(new Outcome.Hopeless("no row has the message's id"));
    assertThat(script.calls).hasSize(3);
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
    effect = () -> Script.failed(new Unavailable("away"));
    script.recordFailure = Script.done(OptionalInt.of(MAX_ATTEMPTS));
    process(ahead, 1);
    assertThat(script.calls)
        .startsWith("run delivery 1 at 2026-01-15T09:33:00.123Z")
        .endsWith(
            "fail delivery 1: the store was unavailable at the last of 8 attempts,"
                + " at 2026-01-15T09:33:00.123Z");
  }

  @Test
  void aFailedAttemptIsRecordedAndBacksOff() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    script.recordFailure = Script.done(OptionalInt.of(3));
    assertThat(process(2))
        .as("the delay after three attempts, of which another message made one")
        .isEqualTo(new Outcome.Retry(Duration.ofSeconds(40), away));
    assertThat(script.calls)
        .containsExactly(
            "run delivery 2 at " + AT, "record failure of delivery 2: the store was unavailable");
  }

  @Test
  void aMessageThatWasThrottledForAnHourBacksOffFromItsFirstAttempt() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    assertThat(process(21)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(10), away));
  }

  @Test
  void theLastAttemptMarksTheRowFailed() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    String reason = "the store was unavailable at the last of 8 attempts";
    for (int used : new int[] {MAX_ATTEMPTS, MAX_ATTEMPTS + 1}) {
      script.calls.clear();
      script.recordFailure = Script.done(OptionalInt.of(used));
      assertThat(process(2)).isEqualTo(new Outcome.GivenUp(reason, away));
      assertThat(script.calls)
          .containsExactly(
              "run delivery 2 at " + AT,
              "record failure of delivery 2: the store was unavailable",
              "fail delivery 2: " + reason + ", at " + AT);
    }
    script.recordFailure = Script.done(OptionalInt.of(MAX_ATTEMPTS - 1));
    assertThat(process(2)).isInstanceOf(Outcome.Retry.class);
  }

  @Test
  void aMessageThatMayKillItsFunctionUsesUpAnAttemptBeforeItStarts() {
    assertThat(consumer.isSuspect(delivery(ID, SUSPECT - 1))).isFalse();
    assertThat(consumer.isSuspect(delivery(ID, SUSPECT))).isTrue();
    script.recordStart = Script.done(OptionalInt.of(MAX_ATTEMPTS));
    assertThat(process(SUSPECT)).isEqualTo(new Outcome.Done(AGE, false));
    assertThat(script.calls)
        .containsExactly(
            "record start of delivery 4: the function stopped", "run delivery 4 at " + AT);
    script.calls.clear();
    effect = () -> Script.failed(new Unavailable("away"));
    process(SUSPECT);
    assertThat(script.calls)
        .endsWith("record failure of started delivery 4: the store was unavailable")
        .hasSize(3);
  }

  @Test
  void anAttemptThatCannotBeRecordedDoesNotStart() {
    Unavailable away = new Unavailable("away");
    script.recordStart = Script.failed(away);
    assertThat(process(SUSPECT)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(80), away));
    assertThat(script.calls).hasSize(1);
    assertThat(process(LAST))
        .isEqualTo(
            new Outcome.GivenUp("the store was unavailable at the last of 30 deliveries", away));
    assertThat(script.calls("run")).isEmpty();
  }

  @Test
  void aMessageWhoseAttemptsAllKilledTheFunctionIsGivenUp() {
    script.recordStart = Script.done(OptionalInt.of(MAX_ATTEMPTS + 1));
    assertThat(process(12))
        .isInstanceOfSatisfying(
            Outcome.GivenUp.class,
            givenUp -> {
              assertThat(givenUp.reason()).isEqualTo(STOPPED);
              assertThat(givenUp.cause()).hasMessage("the function stopped at earlier attempts");
            });
    assertThat(script.calls)
        .containsExactly(
            "record start of delivery 12: the function stopped",
            "fail delivery 12: " + STOPPED + ", at " + AT);
  }

  @Test
  void aTaskThatThrowsIsAFailedAttemptLikeAnyOther() {
    for (Throwable failure :
        List.of(new IllegalStateException("secret"), new StackOverflowError("secret"))) {
      effect =
          () -> {
            throw sneaky(failure);
          };
      assertThat(process(1)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(10), failure));
    }
    assertThat(script.calls("record")).hasSize(2);
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
      String reason = "the store was unavailable at the last of " + count + " deliveries";
      assertThat(process(count)).isEqualTo(new Outcome.GivenUp(reason, away));
      assertThat(script.calls)
          .containsSubsequence(
              "run delivery " + count + " at " + AT,
              "fail delivery " + count + ": " + reason + ", at " + AT);
    }
    script.recordFailure = Script.failed(new IllegalStateException("too"));
    assertThat(process(LAST)).as("best effort").isInstanceOf(Outcome.GivenUp.class);
  }

  @Test
  void theReasonIsInOurWordsAndNeverAnExceptionsMessage() {
    for (Throwable failure :
        List.of(
            new DeadlineExceeded(),
            new IllegalStateException("secret"),
            new AssertionError("secret"))) {
      effect = () -> Script.failed(failure);
      assertThat(process(1)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(10), failure));
    }
    assertThat(script.calls("record"))
        .containsExactly(
            "record failure of delivery 1: the time ran out",
            "record failure of delivery 1: an internal error occurred",
            "record failure of delivery 1: an internal error occurred");
  }

  @Test
  void aRowThatCannotBeMarkedOrIsDoneMeanwhileIsLeft() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    script.recordFailure = Script.done(OptionalInt.of(MAX_ATTEMPTS));
    for (CompletableFuture<Boolean> fail :
        List.of(Script.<Boolean>failed(new IllegalStateException("too")), Script.done(false))) {
      script.fail = fail;
      assertThat(process(2)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(20), away));
      assertThat(process(LAST))
          .as("the queue moves it to the dead-letter queue")
          .isEqualTo(new Outcome.Retry(Duration.ZERO, away));
    }
  }

  @Test
  void anAttemptWhoseFailureCannotBeRecordedBacksOffByItsDeliveries() {
    Unavailable away = new Unavailable("away");
    effect = () -> Script.failed(away);
    script.recordFailure = Script.failed(new IllegalStateException("too"));
    assertThat(process(3)).isEqualTo(new Outcome.Retry(Duration.ofSeconds(40), away));
    script.recordFailure = Script.done(OptionalInt.empty());
    assertThat(process(3))
        .as("the row is done or unknown")
        .isEqualTo(new Outcome.Retry(Duration.ofSeconds(40), away));
    assertThat(script.calls("fail")).isEmpty();
  }

  @Test
  void itEndsOnceTheFailureIsRecorded() {
    effect = () -> Script.failed(new Unavailable("away"));
    script.recordFailure = new CompletableFuture<>();
    var outcome = consumer.process(delivery(ID, 1), deadline);
    assertThat(outcome).isNotDone();
    script.recordFailure.complete(OptionalInt.of(1));
    assertThat(outcome).isCompleted();
  }

  @Test
  void timeIsKeptBackToRecordAFailure() {
    effect = () -> Script.failed(new Unavailable("away"));
    script.recordFailure = Script.done(OptionalInt.of(MAX_ATTEMPTS));
    process(SUSPECT);
    assertThat(script.calls).hasSize(4);
    List<Duration> left = script.deadlines.stream().map(Deadline::remaining).toList();
    Duration all = deadline.remaining();
    assertThat(left.subList(0, 2))
        .as("the start and the run leave time to record a failure")
        .allMatch(part -> part.compareTo(all.minus(Consumer.FAILURE_RESERVE).plusSeconds(1)) <= 0);
    assertThat(left.subList(2, 4))
        .as("the failure leaves time for the message")
        .allMatch(part -> part.compareTo(all.minus(Consumer.MESSAGE_RESERVE).plusMillis(900)) <= 0)
        .allMatch(part -> part.compareTo(left.get(1)) > 0);
  }

  @Test
  void aMessageThatCannotBeDeadLetteredBacksOffToo() {
    assertThat(consumer.delay(delivery(ID, 3))).hasSeconds(40);
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
