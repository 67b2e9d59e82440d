package dev.asyncitems.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.outbox.TaskQueue.Sent;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class OutboxTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final Duration LIFE = Duration.ofMinutes(28);
  private static final TraceContext TRACE = TraceContext.of("request-1", null);

  private final Unavailable away = new Unavailable("away");
  private final Script script = new Script();
  private final Outbox outbox =
      new Outbox(script.store, script.queue, LIFE, Clock.fixed(NOW, ZoneOffset.UTC));
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));
  private final OutboxEntry one = outbox.entry(UuidV7.at(NOW), TRACE);
  private final OutboxEntry other = outbox.entry(UuidV7.at(NOW), TraceContext.UNKNOWN);

  @Test
  void anEntryIsDueAfterTheLifeOfItsMessage() {
    Instant accepted = NOW.minusSeconds(5);
    OutboxEntry entry = outbox.entry(UuidV7.at(accepted), TRACE);
    assertThat(entry).isEqualTo(new OutboxEntry(entry.id(), accepted.plus(LIFE), 0, TRACE));
  }

  @Test
  void messagesThatAreSentCostNoWrite() {
    assertThat(outbox.dispatch(List.of(one, other), deadline))
        .isCompletedWithValue(Optional.empty());
    assertThat(script.calls).containsExactly("send " + one.id() + " of request-1, " + other.id());
  }

  @Test
  void anEntryWhoseMessageIsNotSentIsDueInAMinute() {
    script.send = entries -> Script.done(Script.sent(List.of(other)).plus(Script.unsent(away)));
    var postponed = new CompletableFuture<Boolean>();
    script.postpone = seen -> postponed;
    var failure = outbox.dispatch(List.of(one, other), deadline);
    assertThat(script.calls)
        .endsWith(
            "postpone " + one.id() + " from 2026-01-15T10:00:00.123Z to 2026-01-15T09:33:00.123Z")
        .hasSize(2);
    assertThat(failure).as("waits for the write").isNotDone();
    postponed.complete(true);
    assertThat(failure).isCompletedWithValue(Optional.of(away));
  }

  @Test
  void anEntryThatCannotBePostponedIsLeft() {
    script.send = entries -> Script.done(Script.unsent(away));
    script.postpone =
        seen ->
            seen.equals(one) ? Script.failed(new IllegalStateException("too")) : Script.done(false);
    assertThat(outbox.dispatch(List.of(one, other), deadline))
        .isCompletedWithValue(Optional.of(away));
    assertThat(script.calls("postpone")).hasSize(2);
  }

  @Test
  void theQueueAndTheStoreHaveASecondEachAtMost() {
    script.send = entries -> Script.done(Script.unsent(away));
    assertThat(outbox.dispatch(List.of(one), deadline)).isCompleted();
    assertThat(script.deadlines)
        .hasSize(2)
        .allSatisfy(
            part -> assertThat(part.remaining()).isLessThanOrEqualTo(Duration.ofSeconds(1)));
  }

  @Test
  void neitherHasMoreThanIsLeftLessTheTimeForTheAnswer() {
    script.send = entries -> Script.done(Script.unsent(away));
    assertThat(outbox.dispatch(List.of(one), Deadline.after(Duration.ofMillis(900)))).isCompleted();
    assertThat(script.deadlines)
        .hasSize(2)
        .allSatisfy(
            part -> assertThat(part.remaining()).isLessThanOrEqualTo(Duration.ofMillis(700)));
  }

  @Test
  void resultsOfSendingAddUp() {
    Sent sum =
        Script.sent(List.of(one)).plus(Script.unsent(away)).plus(Script.sent(List.of(other)));
    assertThat(sum).isEqualTo(new Sent(Set.of(one.id(), other.id()), Optional.of(away)));
    assertThat(sum.plus(Script.unsent(new Error()))).as("the first failure").isEqualTo(sum);
  }

  @Test
  void aQueuedTaskIsDispatchedAgain() {
    OutboxEntry before = new OutboxEntry(one.id(), NOW.plusSeconds(9), 3, TRACE);
    script.find = Script.done(Optional.of(before));
    assertThat(outbox.dispatchAgain(List.of(one.id()), deadline))
        .isCompletedWithValue(Optional.empty());
    assertThat(script.calls)
        .containsExactly("find " + one.id(), "send " + one.id() + " of request-1");
    assertThat(script.deadlines.getLast().remaining())
        .as("the time of the queue")
        .isLessThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void theQueuedTasksAmongSeveralAreDispatchedAgainAtOnce() {
    script.find = Script.done(Optional.of(one));
    assertThat(outbox.dispatchAgain(List.of(one.id(), other.id()), deadline))
        .isCompletedWithValue(Optional.empty());
    assertThat(script.calls).hasSize(3).startsWith("find " + one.id(), "find " + other.id());
  }

  @Test
  void anEntryWhoseMessageCannotBeSentAgainStaysAsItIs() {
    script.find = Script.done(Optional.of(one));
    script.send = entries -> Script.done(Script.unsent(away));
    assertThat(outbox.dispatchAgain(List.of(one.id()), deadline))
        .isCompletedWithValue(Optional.of(away));
    assertThat(script.calls("postpone")).isEmpty();
  }

  @Test
  void aTaskThatIsQueuedNoMoreIsNotDispatchedAgain() {
    assertThat(outbox.dispatchAgain(List.of(one.id()), deadline))
        .isCompletedWithValue(Optional.empty());
    assertThat(script.calls).containsExactly("find " + one.id());
  }

  @Test
  void aTaskThatCannotBeFoundFailsNoRequest() {
    script.find = Script.failed(away);
    assertThat(outbox.dispatchAgain(List.of(one.id()), deadline))
        .isCompletedWithValue(Optional.of(away));
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void findingLeavesTimeForTheAnswer() {
    assertThat(outbox.dispatchAgain(List.of(one.id()), Deadline.after(Duration.ofMillis(900))))
        .isCompleted();
    assertThat(script.deadlines.getFirst().remaining()).isLessThanOrEqualTo(Duration.ofMillis(700));
  }
}
