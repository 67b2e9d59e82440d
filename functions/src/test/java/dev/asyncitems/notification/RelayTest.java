package dev.asyncitems.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.notification.NotificationQueue.Enqueued;
import dev.asyncitems.notification.NotificationStore.Waiting;
import dev.asyncitems.notification.Relay.Report;
import dev.asyncitems.trace.TraceContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RelayTest {
  private final Unavailable away = new Unavailable("away");
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final String AT = "2026-01-15T09:32:00.123Z";
  private static final String REASON = "not logged although its job was enqueued 12 times";

  private static final Duration AGE = Duration.ofMinutes(1);

  private final Script script = new Script();
  private final List<String> observed = new ArrayList<>();
  private final Relay relay =
      new Relay(
          script.store,
          script.queue,
          script.deadLetters,
          observer(),
          Clock.fixed(NOW, ZoneOffset.UTC));
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  private static Enqueued enqueued(Set<NotificationId> taken) {
    return new Enqueued(taken, Optional.empty());
  }

  @Test
  void turnsAreTwiceAsFarAwayEachTimeAndAnHourAtMost() {
    long[] minutes = {1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60};
    for (int turns = 1; turns <= minutes.length; turns++) {
      assertThat(Relay.pause(turns)).as("%s", turns).hasMinutes(minutes[turns - 1]);
    }
  }

  @Test
  void withNothingDueNothingIsCalled() {
    assertThat(run()).isEqualTo(new Report(0, Duration.ZERO, 0, 0, 0, Optional.empty()));
    assertThat(script.calls).containsExactly("due " + AT + " limit " + Relay.ROWS_A_RUN);
  }

  @Test
  void aRowWhoseTurnHasComeIsEnqueuedAndThenPostponed() {
    Waiting row = waiting(2);
    script.due = List.of(row);
    var taken = new CompletableFuture<Enqueued>();
    script.enqueueAll = ids -> taken;
    var report = relay.run(deadline);
    assertThat(script.calls).endsWith("enqueue all 1").hasSize(2);
    taken.complete(enqueued(Set.of(row.id())));
    assertThat(report).isCompletedWithValue(new Report(1, AGE, 1, 0, 0, Optional.empty()));
    assertThat(script.calls)
        .endsWith("postpone " + row.id() + " to 2026-01-15T09:36:00.123Z")
        .hasSize(3);
  }

  @Test
  void onlyWhatTheQueueTookIsPostponed() {
    Waiting taken = waiting(0);
    Waiting left = waiting(0);
    script.due = List.of(left, taken);
    script.enqueueAll = ids -> Script.done(enqueued(Set.of(taken.id())));
    assertThat(run()).isEqualTo(new Report(2, AGE, 1, 1, 0, Optional.empty()));
    assertThat(calls("postpone"))
        .containsExactly("postpone " + taken.id() + " to 2026-01-15T09:33:00.123Z");
  }

  @Test
  void withTheQueueAwayNothingIsPostponed() {
    script.due = List.of(waiting(0), waiting(11));
    script.enqueueAll = ids -> Script.done(new Enqueued(Set.of(), Optional.of(away)));
    assertThat(run()).isEqualTo(new Report(2, AGE, 0, 2, 0, Optional.of(away)));
    assertThat(calls("postpone")).isEmpty();
  }

  @Test
  void aTurnThatCannotBeMovedDoesNotStopTheOthers() {
    List<Waiting> rows = List.of(waiting(0), waiting(0), waiting(0));
    script.due = rows;
    script.postpone =
        seen ->
            seen.equals(rows.get(0)) ? Script.failed(away) : Script.done(seen.equals(rows.get(1)));
    assertThat(run()).isEqualTo(new Report(3, AGE, 3, 0, 0, Optional.of(away)));
    assertThat(calls("postpone")).hasSize(3);
  }

  @Test
  void after12TurnsItIsGivenUpItsJobFirst() {
    Waiting eleven = waiting(11);
    Waiting twelve = waiting(12);
    script.due = List.of(twelve, eleven);
    var put = new CompletableFuture<String>();
    script.deadLetter = reason -> put;
    var report = relay.run(deadline);
    assertThat(calls("enqueue all")).containsExactly("enqueue all 1");
    assertThat(calls("postpone"))
        .hasSize(1)
        .allMatch(call -> call.contains(eleven.id().toString()));
    assertThat(calls("dead letter"))
        .containsExactly("dead letter " + twelve.id() + " of request-12: " + REASON);
    assertThat(calls("give up")).isEmpty();
    put.complete(REASON);
    assertThat(calls("give up"))
        .containsExactly("give up " + twelve.id() + ": " + REASON + " at " + AT);
    assertThat(report).isCompletedWithValue(new Report(2, AGE, 1, 0, 1, Optional.empty()));
  }

  @Test
  void aRowIsNotMarkedWhereItsJobCouldNotBePutAway() {
    script.due = List.of(waiting(12), waiting(13));
    script.deadLetter = reason -> Script.failed(away);
    assertThat(run()).isEqualTo(new Report(2, AGE, 0, 2, 0, Optional.of(away)));
    assertThat(calls("give up")).isEmpty();
  }

  @Test
  void onlyRowsThatWereMarkedCountAsGivenUp() {
    List<Waiting> rows = List.of(waiting(12), waiting(12), waiting(12));
    script.due = rows;
    script.giveUp =
        seen ->
            seen.equals(rows.get(0)) ? Script.failed(away) : Script.done(seen.equals(rows.get(1)));
    assertThat(run()).isEqualTo(new Report(3, AGE, 0, 1, 1, Optional.of(away)));
  }

  @Test
  void aBoundedNumberIsUnderWayAtOnce() {
    script.due = IntStream.range(0, 450).mapToObj(i -> waiting(0)).toList();
    List<CompletableFuture<Enqueued>> sends = new ArrayList<>();
    List<List<NotificationId>> asked = new ArrayList<>();
    script.enqueueAll =
        ids -> {
          asked.add(ids);
          sends.add(new CompletableFuture<>());
          return sends.getLast();
        };
    var report = relay.run(deadline);
    for (int i = 0; i < 3; i++) {
      assertThat(sends).hasSize(i + 1);
      sends.get(i).complete(enqueued(Set.copyOf(asked.get(i))));
    }
    assertThat(report).isCompletedWithValue(new Report(450, AGE, 450, 0, 0, Optional.empty()));
    assertThat(asked.stream().flatMap(List::stream))
        .as("the earliest turns first")
        .containsExactlyElementsOf(script.due.stream().map(Waiting::id).toList());
    assertThat(asked).allMatch(ids -> ids.size() <= 200);
  }

  @Test
  void onceTheTimeIsUpNoMoreRowsAreTaken() {
    script.due = List.of(waiting(0), waiting(12));
    assertThat(relay.run(Deadline.after(Duration.ZERO)))
        .isCompletedWithValue(new Report(2, AGE, 0, 0, 0, Optional.empty()));
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void everyCallHasTheDeadlineOfTheRun() {
    script.due = List.of(waiting(0), waiting(12));
    run();
    assertThat(script.deadlines).hasSize(5).containsOnly(deadline);
  }

  @Test
  void theObserverIsToldOfWhatWasEnqueuedAndOfWhatWasGivenUp() {
    Waiting eleven = waiting(11);
    Waiting twelve = waiting(12);
    script.due = List.of(waiting(1), eleven, twelve, waiting(13));
    script.enqueueAll = ids -> Script.done(enqueued(Set.of(eleven.id())));
    script.giveUp = seen -> Script.done(seen.equals(twelve));
    run();
    assertThat(observed)
        .containsExactlyInAnyOrder("enqueued " + eleven.id(), "gave up " + twelve.id());
  }

  private Relay.Observer observer() {
    return new Relay.Observer() {
      @Override
      public void enqueued(Waiting row) {
        observed.add("enqueued " + row.id());
      }

      @Override
      public void gaveUp(Waiting row) {
        observed.add("gave up " + row.id());
      }
    };
  }

  private Report run() {
    return relay.run(deadline).resultNow();
  }

  private List<String> calls(String word) {
    return script.calls.stream().filter(call -> call.startsWith(word)).toList();
  }

  private static Waiting waiting(int turns) {
    return new Waiting(
        NotificationId.at(NOW.minus(AGE)), NOW, turns, TraceContext.of("request-" + turns, null));
  }
}
