package dev.asyncitems.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.outbox.Relay.Report;
import dev.asyncitems.outbox.TaskQueue.Sent;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RelayTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final String AT = "2026-01-15T09:32:00.123Z";
  private static final String LEASED_UNTIL = "2026-01-15T10:00:00.123Z";
  private static final String SOON = "2026-01-15T09:33:00.123Z";
  private static final String REASON = "not done although its message was sent 12 times";
  private static final Duration AGE = Duration.ofMinutes(1);

  private final Unavailable away = new Unavailable("away");
  private final Script script = new Script();
  private final List<String> observed = new ArrayList<>();
  private final List<CompletableFuture<Void>> pauses = new ArrayList<>();
  private final Relay relay =
      new Relay(
          script.store,
          script.queue,
          script.deadLetters,
          Duration.ofMinutes(28),
          observer(),
          pause -> {
            assertThat(pause).isEqualTo(Duration.ofSeconds(1));
            pauses.add(new CompletableFuture<>());
            return pauses.getLast();
          },
          Clock.fixed(NOW, ZoneOffset.UTC));
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  @Test
  void ifNoEntryIsDueNothingElseIsCalled() {
    assertThat(run()).isEqualTo(Report.NOTHING);
    assertThat(script.calls).containsExactly("due " + AT + " limit 4000");
  }

  @Test
  void aDueEntryIsLeasedBeforeItsMessageIsSent() {
    OutboxEntry entry = entry(2);
    script.due = List.of(entry);
    var leased = new CompletableFuture<Boolean>();
    script.lease = seen -> leased;
    var report = relay.run(deadline);
    assertThat(script.calls).endsWith("lease " + entry.id() + " until " + LEASED_UNTIL).hasSize(2);
    leased.complete(true);
    assertThat(script.calls).endsWith("send " + entry.id() + " of request-2").hasSize(3);
    assertThat(report).isCompletedWithValue(new Report(1, AGE, 1, 0, 0, Optional.empty()));
  }

  @Test
  void anEntryThatIsNotLeasedIsNotSent() {
    List<OutboxEntry> entries = List.of(entry(0), entry(0), entry(0));
    script.due = entries;
    script.lease =
        seen ->
            seen.equals(entries.get(0))
                ? Script.failed(away)
                : Script.done(seen.equals(entries.get(1)));
    assertThat(run()).isEqualTo(new Report(3, AGE, 1, 1, 0, Optional.of(away)));
    assertThat(script.calls("send"))
        .containsExactly("send " + entries.get(1).id() + " of request-0");
  }

  @Test
  void ifNoEntryIsLeasedTheQueueIsNotCalled() {
    script.due = List.of(entry(0));
    script.lease = seen -> Script.done(false);
    assertThat(run()).isEqualTo(new Report(1, AGE, 0, 0, 0, Optional.empty()));
    assertThat(script.calls).hasSize(2);
  }

  @Test
  void anEntryWhoseMessageIsNotSentGoesBackToAMinuteFromNow() {
    OutboxEntry sent = entry(0);
    OutboxEntry unsent = entry(5);
    script.due = List.of(unsent, sent);
    script.send = entries -> Script.done(Script.sent(List.of(sent)).plus(Script.unsent(away)));
    List<OutboxEntry> seen = new ArrayList<>();
    script.postpone =
        entry -> {
          seen.add(entry);
          return Script.failed(new IllegalStateException("too"));
        };
    assertThat(run()).isEqualTo(new Report(2, AGE, 1, 1, 0, Optional.of(away)));
    assertThat(script.calls("postpone"))
        .containsExactly("postpone " + unsent.id() + " from " + LEASED_UNTIL + " to " + SOON);
    assertThat(seen)
        .as("with the leased time")
        .containsExactly(unsent.leasedUntil(Instant.parse(LEASED_UNTIL)));
    assertThat(seen.getFirst().dispatches()).isEqualTo(6);
  }

  @Test
  void aRunEndsOnceItsEntriesArePostponed() {
    script.due = List.of(entry(0));
    script.send = entries -> Script.done(Script.unsent(away));
    var postponed = new CompletableFuture<Boolean>();
    script.postpone = entry -> postponed;
    var report = relay.run(deadline);
    assertThat(report).isNotDone();
    postponed.complete(true);
    assertThat(report).isCompletedWithValue(new Report(1, AGE, 0, 1, 0, Optional.of(away)));
  }

  @Test
  void after12DispatchesTheRowIsMarkedBeforeTheLetterIsSent() {
    OutboxEntry eleven = entry(11);
    OutboxEntry twelve = entry(12);
    script.due = List.of(twelve, eleven);
    var marked = new CompletableFuture<Boolean>();
    script.giveUp = seen -> marked;
    var report = relay.run(deadline);
    assertThat(script.calls("give"))
        .containsExactly("give up " + twelve.id() + ": " + REASON + " at " + AT);
    assertThat(script.calls("dead")).isEmpty();
    marked.complete(true);
    assertThat(script.calls("dead"))
        .containsExactly("dead letter " + twelve.id() + " of request-12: " + REASON);
    assertThat(script.calls("lease")).hasSize(1);
    assertThat(script.calls("send")).containsExactly("send " + eleven.id() + " of request-11");
    assertThat(report).isCompletedWithValue(new Report(2, AGE, 1, 0, 1, Optional.empty()));
  }

  @Test
  void aRowThatCouldNotBeMarkedGetsNoLetter() {
    List<OutboxEntry> entries = List.of(entry(12), entry(13), entry(12));
    script.due = entries;
    script.giveUp =
        seen ->
            seen.equals(entries.get(0))
                ? Script.failed(away)
                : Script.done(seen.equals(entries.get(1)));
    assertThat(run()).isEqualTo(new Report(3, AGE, 0, 1, 1, Optional.of(away)));
    assertThat(script.calls("dead"))
        .containsExactly("dead letter " + entries.get(1).id() + " of request-13: " + REASON);
  }

  @Test
  void aLetterThatCannotBeSentLeavesTheRowGivenUp() {
    script.due = List.of(entry(12));
    script.deadLetter = entry -> Script.<OutboxEntry>failed(away).thenApply(Function.identity());
    assertThat(run()).isEqualTo(new Report(1, AGE, 0, 0, 1, Optional.of(away)));
  }

  @Test
  void batchesOf200AreSentASecondApartTheEarliestFirst() {
    script.due = IntStream.range(0, 450).mapToObj(i -> entry(0)).toList();
    List<CompletableFuture<Sent>> sends = new ArrayList<>();
    List<List<OutboxEntry>> asked = new ArrayList<>();
    script.send =
        entries -> {
          asked.add(entries);
          sends.add(new CompletableFuture<>());
          return sends.getLast();
        };
    var report = relay.run(deadline);
    for (int i = 0; i < 3; i++) {
      assertThat(sends).hasSize(i + 1);
      assertThat(pauses).hasSize(i);
      sends.get(i).complete(Script.sent(asked.get(i)));
      if (i < 2) {
        assertThat(sends).as("waits for the pause").hasSize(i + 1);
        pauses.get(i).complete(null);
      }
    }
    assertThat(report).isCompletedWithValue(new Report(450, AGE, 450, 0, 0, Optional.empty()));
    assertThat(asked.stream().map(List::size)).containsExactly(200, 200, 50);
    assertThat(asked.stream().flatMap(List::stream).map(OutboxEntry::id))
        .containsExactlyElementsOf(script.due.stream().map(OutboxEntry::id).toList());
  }

  @Test
  void aBatchThatFailsAltogetherEndsTheRun() {
    script.due = IntStream.range(0, 450).mapToObj(i -> entry(0)).toList();
    script.send = entries -> Script.done(Script.unsent(away));
    Report report = run();
    assertThat(report).isEqualTo(new Report(450, AGE, 0, 200, 0, Optional.of(away)));
    assertThat(report.failedAltogether()).isTrue();
    assertThat(script.calls("lease")).hasSize(200);
    assertThat(pauses).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 199, 0", "12, 198, 1"})
  void aBatchThatFailsInPartDoesNot(int dispatchesOfTheFirst, int failed, int gaveUp) {
    script.due =
        IntStream.range(0, 201).mapToObj(i -> entry(i == 0 ? dispatchesOfTheFirst : 0)).toList();
    script.send =
        entries -> Script.done(Script.sent(entries.subList(0, 1)).plus(Script.unsent(away)));
    var report = relay.run(deadline);
    pauses.getFirst().complete(null);
    assertThat(report)
        .isCompletedWithValue(new Report(201, AGE, 2, failed, gaveUp, Optional.of(away)));
    assertThat(report.resultNow().failedAltogether()).isFalse();
  }

  @Test
  void aBatchThatAnotherRunHasLeasedDoesNot() {
    script.due = IntStream.range(0, 201).mapToObj(i -> entry(0)).toList();
    script.lease = seen -> Script.done(seen.equals(script.due.getLast()));
    var report = relay.run(deadline);
    pauses.getFirst().complete(null);
    assertThat(report).isCompletedWithValue(new Report(201, AGE, 1, 0, 0, Optional.empty()));
  }

  @Test
  void onceTheTimeIsUpNoMoreEntriesAreLeased() {
    script.due = List.of(entry(0), entry(12));
    assertThat(relay.run(Deadline.after(Duration.ZERO)))
        .isCompletedWithValue(new Report(2, AGE, 0, 0, 0, Optional.empty()));
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void aQueueThatHangsLeavesTimeToPostpone() {
    script.due = List.of(entry(0), entry(12));
    script.send = entries -> Script.done(Script.unsent(away));
    run();
    assertThat(script.deadlines).hasSize(6);
    for (int i = 0; i < script.calls.size(); i++) {
      if (script.calls.get(i).startsWith("send ")) {
        assertThat(script.deadlines.get(i).remaining()).isLessThanOrEqualTo(Duration.ofSeconds(5));
      } else {
        assertThat(script.deadlines.get(i)).isSameAs(deadline);
      }
    }
  }

  @Test
  void aLeaseThatFailedMayHaveTakenEffectAndIsPostponed() {
    OutboxEntry lost = entry(3);
    script.due = List.of(lost);
    script.lease = seen -> Script.failed(away);
    assertThat(run()).isEqualTo(new Report(1, AGE, 0, 1, 0, Optional.of(away)));
    assertThat(script.calls("send")).isEmpty();
    assertThat(script.calls("postpone")).hasSize(1).first().asString().contains("" + lost.id());
  }

  @Test
  void theObserverLearnsWhatWasDispatchedAndGivenUp() {
    OutboxEntry eleven = entry(11);
    OutboxEntry twelve = entry(12);
    script.due = List.of(entry(1), eleven, twelve, entry(13));
    script.send = entries -> Script.done(Script.sent(List.of(eleven)));
    script.giveUp = seen -> Script.done(seen.equals(twelve));
    run();
    assertThat(observed)
        .containsExactlyInAnyOrder(
            "dispatched " + eleven.id() + " 12", "gave up " + twelve.id() + " 12");
  }

  @Test
  void reportsAddUp() {
    Report one = new Report(1, Duration.ofMinutes(2), 3, 4, 5, Optional.empty());
    Report other = new Report(10, Duration.ofMinutes(1), 30, 40, 50, Optional.of(away));
    Report sum = new Report(11, Duration.ofMinutes(2), 33, 44, 55, Optional.of(away));
    assertThat(one.plus(other)).isEqualTo(sum);
    assertThat(other.plus(one)).isEqualTo(sum);
    assertThat(other.plus(new Report(0, Duration.ZERO, 0, 0, 0, Optional.of(new Error()))))
        .as("the first failure")
        .isEqualTo(other);
  }

  private Relay.Observer observer() {
    return new Relay.Observer() {
      @Override
      public void dispatched(OutboxEntry entry) {
        observed.add("dispatched " + entry.id() + " " + entry.dispatches());
      }

      @Override
      public void gaveUp(OutboxEntry entry) {
        observed.add("gave up " + entry.id() + " " + entry.dispatches());
      }
    };
  }

  private Report run() {
    return relay.run(deadline).resultNow();
  }

  private static OutboxEntry entry(int dispatches) {
    return new OutboxEntry(
        UuidV7.at(NOW.minus(AGE)), NOW, dispatches, TraceContext.of("request-" + dispatches, null));
  }
}
