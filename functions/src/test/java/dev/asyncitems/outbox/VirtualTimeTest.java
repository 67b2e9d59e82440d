package dev.asyncitems.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The progress of tasks during minutes and hours of faults. */
final class VirtualTimeTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final VirtualWorld world = new VirtualWorld();

  @Test
  void aTaskThatFailsForSixHoursLeavesOneDeadLetterAndOneFailedRow() {
    world.startRelay();
    world.effectFails = true;
    UUID id = world.accept();
    world.passes(Duration.ofHours(6));
    assertThat(world.letters).containsExactly(id);
    assertThat(world.endings).containsExactly("failed", "letter");
    assertThat(row(id).status).isEqualTo(TaskStatus.FAILED);
    assertThat(world.attempts).as("as they happen").containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(world.sent).isEqualTo(1);
    world.effectFails = false;
    world.passes(Duration.ofHours(6));
    assertThat(row(id).status).as("stays failed").isEqualTo(TaskStatus.FAILED);
    assertThat(world.sent).isEqualTo(1);
  }

  /** Lambda throttles each delivery, and each delivery counts. */
  @Test
  void anHourOfThrottlingLosesNothing() {
    world.startRelay();
    IntStream.range(0, 100).forEach(i -> world.accept());
    world.passes(Duration.ofSeconds(90));
    assertThat(world.statuses()).containsExactly(TaskStatus.DONE);
    world.deliveriesAreThrottled = true;
    for (int minute = 0; minute < 60; minute++) {
      IntStream.range(0, 10).forEach(i -> world.accept());
      world.passes(MINUTE);
    }
    assertThat(world.rows.values().stream().filter(row -> row.status == TaskStatus.QUEUED))
        .hasSize(600);
    assertThat(world.mostReceives).isGreaterThanOrEqualTo(20);
    world.deliveriesAreThrottled = false;
    IntStream.range(0, 100).forEach(i -> world.accept());
    world.passes(Duration.ofMinutes(3));
    assertThat(world.letters).isEmpty();
    assertThat(world.endings).as("no row is failed").isEmpty();
    assertThat(world.statuses()).containsExactly(TaskStatus.DONE);
    assertThat(world.rows.values()).allMatch(row -> row.attempts == 1 && row.dispatches == 0);
    assertThat(world.effects).as("each task runs once").isEqualTo(800);
    world.passes(Duration.ofHours(24));
    assertThat(world.letters).isEmpty();
    assertThat(world.sent).as("each message is sent once").isEqualTo(800);
  }

  @Test
  void afterAnHourOfThrottlingATaskStillHasAllItsAttempts() {
    world.startRelay();
    world.deliveriesAreThrottled = true;
    UUID id = world.accept();
    world.passes(Duration.ofHours(1));
    world.deliveriesAreThrottled = false;
    world.effectFails = true;
    world.passes(Duration.ofMinutes(15));
    assertThat(world.effects).isEqualTo(8);
    assertThat(world.letters).containsExactly(id);
    assertThat(world.endings).containsExactly("failed", "letter");
    assertThat(world.sent).isEqualTo(1);
  }

  @Test
  void throttlingWithoutEndLeavesOneMessageAtATimeAndIsOverInTheEnd() {
    world.startRelay();
    world.deliveriesAreThrottled = true;
    UUID id = world.accept();
    world.passes(Duration.ofHours(8));
    assertThat(world.sent).as("the relay continues").isGreaterThan(3);
    assertThat(world.mostMessagesOfATask).isEqualTo(1);
    world.deliveriesAreThrottled = false;
    world.passes(world.life.plus(MINUTE).plus(MINUTE));
    assertThat(row(id).status).isEqualTo(TaskStatus.DONE);
  }

  @Test
  void aTaskThatKillsItsFunctionIsGivenUpAfterTwelveDeliveries() {
    world.startRelay();
    world.effectKills = true;
    UUID id = world.accept();
    world.passes(Duration.ofMinutes(33).minusSeconds(1));
    assertThat(row(id).status).isEqualTo(TaskStatus.QUEUED);
    world.passes(Duration.ofSeconds(2));
    assertThat(world.effects).as("three without suspicion, and eight attempts").isEqualTo(11);
    assertThat(world.mostReceives).isEqualTo(12);
    assertThat(world.endings).containsExactly("failed", "letter");
    world.passes(Duration.ofHours(24));
    assertThat(world.letters).containsExactly(id);
    assertThat(world.effects).isEqualTo(11);
    assertThat(world.sent).isEqualTo(1);
  }

  @Test
  void aReplayHasAllAttemptsAgain() {
    world.effectFails = true;
    UUID id = world.accept();
    world.passes(Duration.ofMinutes(15));
    assertThat(world.letters).hasSize(1);
    world.replay(id);
    world.passes(Duration.ofMinutes(15));
    assertThat(world.attempts).endsWith(15, 16).hasSize(16);
    assertThat(world.letters).containsExactly(id, id);
    world.effectFails = false;
    world.replay(id);
    world.passes(MINUTE);
    assertThat(row(id).status).isEqualTo(TaskStatus.DONE);
  }

  /** No attempt can be recorded while the store rejects writes, so none is used up. */
  @Test
  void halfAnHourWithoutTheStoreLeavesNoDeadLetter() {
    world.startRelay();
    world.writesAreRejected = true;
    IntStream.range(0, 100).forEach(i -> world.accept());
    world.passes(Duration.ofMinutes(30));
    assertThat(world.statuses()).containsExactly(TaskStatus.QUEUED);
    assertThat(world.effects).as("the outage is not hammered").isLessThan(100 * 25);
    world.writesAreRejected = false;
    world.passes(Duration.ofMinutes(3));
    assertThat(world.statuses()).containsExactly(TaskStatus.DONE);
    assertThat(world.letters).isEmpty();
    assertThat(world.endings).isEmpty();
    assertThat(world.sent).isEqualTo(100);
  }

  @Test
  void aStoreThatRejectsWritesForHalfAnHourLetsTheRelaySendNothing() {
    world.startRelay();
    IntStream.range(0, 1_000).forEach(i -> world.acceptAndCrash());
    world.passes(world.life.minus(MINUTE));
    world.writesAreRejected = true;
    world.passes(Duration.ofMinutes(30).plusSeconds(2));
    assertThat(world.runs.getLast().resultNow().due()).isEqualTo(1_000);
    assertThat(world.sent).isZero();
    assertThat(world.rows.values()).allMatch(row -> row.dispatches == 0);
    world.writesAreRejected = false;
    world.passes(MINUTE.plus(Duration.ofSeconds(10)));
    assertThat(world.statuses()).containsExactly(TaskStatus.DONE);
    assertThat(world.sent).isEqualTo(1_000);
  }

  @ParameterizedTest
  @CsvSource({"1000, 5", "1000, 30", "1000, 58", "4000, 5", "4000, 30", "4000, 58"})
  void afterTenMinutesWithoutAQueueAllTasksAreDoneWithin150Seconds(int tasks, int offset) {
    world.startRelay();
    world.passes(Duration.ofSeconds(offset));
    world.queueIsAway = true;
    int accepted = 0;
    for (int second = 1; second <= 600; second++) {
      for (; accepted < tasks * second / 600; accepted++) {
        world.accept();
      }
      world.passes(Duration.ofSeconds(1));
    }
    assertThat(world.rows).hasSize(tasks);
    assertThat(world.statuses()).containsExactly(TaskStatus.QUEUED);
    assertThat(world.rows.values())
        .as("the outage uses up no dispatch")
        .allMatch(row -> row.dispatches == 0);
    assertThat(world.runs.getLast().resultNow().failedAltogether()).isTrue();
    world.queueIsAway = false;
    world.passes(Duration.ofSeconds(150));
    assertThat(world.statuses()).containsExactly(TaskStatus.DONE);
    assertThat(world.sent).as("each message is sent once").isEqualTo(tasks);
    assertThat(world.mostIndexWritesInASecond).isLessThan(500);
  }

  @Test
  void afterACrashARepeatedRequestIsDoneWithinSeconds() {
    world.startRelay();
    UUID id = world.acceptAndCrash();
    world.passes(Duration.ofSeconds(10));
    assertThat(row(id).status).isEqualTo(TaskStatus.QUEUED);
    world.repeat(id);
    world.passes(Duration.ofSeconds(2));
    assertThat(row(id).status).isEqualTo(TaskStatus.DONE);
    world.repeat(id);
    world.passes(Duration.ofHours(1));
    assertThat(world.sent).as("neither another repetition nor the relay sends it").isEqualTo(1);
  }

  @Test
  void afterACrashAnUnrepeatedRequestIsDoneAfterTheLifeOfAMessage() {
    world.startRelay();
    Instant accepted = world.now();
    UUID id = world.acceptAndCrash();
    world.passes(world.life.multipliedBy(2));
    assertThat(Optional.ofNullable(row(id).doneAt))
        .hasValueSatisfying(done ->
            assertThat(Duration.between(accepted, done))
                .isBetween(world.life, world.life.plus(MINUTE.plusSeconds(1))));
    assertThat(world.sent).isEqualTo(1);
  }

  @Test
  void messagesThatWaitInTheQueueAreNotSentAgain() {
    world.startRelay();
    world.stopConsumer();
    IntStream.range(0, 10_000).forEach(i -> world.accept());
    world.passes(Duration.ofMinutes(5).plusSeconds(2));
    assertThat(world.runs).hasSize(6);
    assertThat(world.dispatched()).isZero();
    assertThat(world.statuses()).containsExactly(TaskStatus.QUEUED);
    world.startConsumer();
    world.passes(Duration.ofHours(1));
    assertThat(world.statuses()).containsExactly(TaskStatus.DONE);
    assertThat(world.sent).isEqualTo(10_000);
  }

  @Test
  void overlappingRunsSendEachEntryOnce() {
    world.stopConsumer();
    IntStream.range(0, 1_000).forEach(i -> world.acceptAndCrash());
    world.passes(world.life);
    world.runRelay();
    world.runRelay();
    world.passes(Duration.ofMillis(1_500));
    world.runRelay();
    world.passes(MINUTE);
    assertThat(world.runs.stream().map(run -> run.resultNow().due()))
        .as("the second run reads before the first has leased")
        .startsWith(1_000, 1_000);
    assertThat(world.sent).isEqualTo(1_000);
    assertThat(world.dispatched()).isEqualTo(1_000);
    assertThat(world.mostMessagesOfATask).isEqualTo(1);
    assertThat(world.rows.values()).allMatch(row -> row.dispatches == 1);
  }

  @Test
  void after12LostDispatchesTheRowIsFailedAndThenComesTheLetter() {
    world.startRelay();
    world.messagesAreLost = true;
    UUID id = world.accept();
    world.passes(world.life.multipliedBy(13).minus(MINUTE));
    assertThat(row(id).status).as("the last message may still arrive").isEqualTo(TaskStatus.QUEUED);
    world.passes(world.life);
    assertThat(world.endings).containsExactly("failed", "letter");
    assertThat(world.letters).containsExactly(id);
    assertThat(row(id).status).isEqualTo(TaskStatus.FAILED);
    assertThat(world.sent).as("sent by the request and the relay").isEqualTo(13);
    world.passes(Duration.ofHours(6));
    assertThat(world.letters).hasSize(1);
  }

  @Test
  void aLetterThatCannotBeSentLeavesTheFailedRow() {
    world.startRelay();
    world.messagesAreLost = true;
    world.lettersAreRejected = true;
    UUID id = world.accept();
    world.passes(world.life.multipliedBy(14));
    assertThat(row(id).status).isEqualTo(TaskStatus.FAILED);
    assertThat(world.letters).isEmpty();
    List<Relay.Report> gaveUp =
        world.runs.stream()
            .filter(run -> run.isDone() && run.resultNow().gaveUp() > 0)
            .map(run -> run.resultNow())
            .toList();
    assertThat(gaveUp)
        .singleElement()
        .satisfies(report -> assertThat(report.failure()).isPresent());
  }

  private VirtualWorld.Row row(UUID id) {
    return Optional.ofNullable(world.rows.get(id)).orElseThrow();
  }
}
