package dev.asyncitems.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.Outbox.Accepted;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.trace.TraceContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How {@link Outbox} accepts tasks. */
final class AcceptTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final TraceContext TRACE_CONTEXT = TraceContext.of("request-1", null);
  private static final Task<String> EARLIER = Task.accepted("hello", NOW.minusSeconds(60));
  private static final String ADD = "add hello of request-1 due 2026-01-15T10:00:00.123Z";

  private final Script script = new Script();
  private final Outbox outbox =
      new Outbox(script.store, script.queue, Duration.ofMinutes(28), CLOCK);
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  @Test
  void theRowIsWrittenBeforeItsMessageIsSent() {
    var row = new CompletableFuture<Optional<Task<String>>>();
    script.add = task -> row;
    var accepted = outbox.accept(script.tasks, "hello", Optional.empty(), TRACE_CONTEXT, deadline);
    assertThat(script.calls).containsExactly(ADD);
    var message = new CompletableFuture<TaskQueue.Sent>();
    script.send = entries -> message;
    row.complete(Optional.empty());
    assertThat(script.calls).hasSize(2);
    assertThat(script.calls.getLast()).startsWith("send ").endsWith(" of request-1");
    assertThat(accepted).as("waits for the send").isNotDone();
    message.complete(Script.unsent(new Unavailable("away")));
    assertThat(accepted).isCompleted();
  }

  @Test
  void itIsQueuedAtTheTimeOfItsIdAndItsMessageNamesIt() {
    var accepted =
        outbox.accept(script.tasks, "hello", Optional.empty(), TRACE_CONTEXT, deadline).resultNow();
    Task<String> task = accepted.work();
    assertThat(task)
        .isEqualTo(
            new Task<>(
                task.id(), "hello", TaskStatus.QUEUED, 0, Optional.empty(), Optional.empty()));
    assertThat(task.createdAt()).isEqualTo(NOW);
    assertThat(accepted.queueFailure()).isEmpty();
    assertThat(script.calls).containsExactly(ADD, "send " + task.id() + " of request-1");
  }

  @Test
  void ifTheQueueIsAwayItIsAcceptedAndTheFailureIsReported() {
    Unavailable away = new Unavailable("away");
    script.send = entries -> Script.done(Script.unsent(away));
    var accepted =
        outbox.accept(script.tasks, "hello", Optional.empty(), TRACE_CONTEXT, deadline).resultNow();
    assertThat(accepted.queueFailure()).containsSame(away);
    assertThat(script.calls).hasSize(3);
    assertThat(script.calls.getLast())
        .startsWith("postpone ")
        .endsWith(" from 2026-01-15T10:00:00.123Z to 2026-01-15T09:33:00.123Z");
  }

  @Test
  void anIdempotentReplayDispatchesTheFirstRequestsEntryAgain() {
    script.add = task -> Script.done(Optional.of(EARLIER));
    script.find =
        Script.done(Optional.of(new OutboxEntry(EARLIER.id(), NOW, 0, TraceContext.UNKNOWN)));
    assertThat(replay()).isCompletedWithValue(new Accepted<>(EARLIER, true, Optional.empty()));
    assertThat(script.calls)
        .containsExactly(ADD + " under key", "find " + EARLIER.id(), "send " + EARLIER.id());
  }

  @Test
  void anIdempotentReplayOfATaskThatIsQueuedNoMoreSendsNothing() {
    script.add = task -> Script.done(Optional.of(EARLIER));
    assertThat(replay()).isCompletedWithValue(new Accepted<>(EARLIER, true, Optional.empty()));
    assertThat(script.calls).containsExactly(ADD + " under key", "find " + EARLIER.id());
  }

  @Test
  void anIdempotentReplayIsAnsweredEvenIfItsEntryCannotBeRead() {
    script.add = task -> Script.done(Optional.of(EARLIER));
    Unavailable away = new Unavailable("away");
    script.find = Script.failed(away);
    assertThat(replay()).isCompletedWithValue(new Accepted<>(EARLIER, true, Optional.of(away)));
  }

  @Test
  void aRejectedRequestSendsNothing() {
    assertFailsAndSendsNothing(new Rejection(Rejection.Reason.KEY_REUSED));
  }

  @Test
  void ifTheStoreIsAwayItFailsAndSendsNothing() {
    assertFailsAndSendsNothing(new Unavailable("away"));
  }

  private void assertFailsAndSendsNothing(RuntimeException failure) {
    script.add = task -> Script.failed(failure);
    assertThat(
            outbox
                .accept(script.tasks, "hello", Optional.empty(), TRACE_CONTEXT, deadline)
                .handle((accepted, cause) -> Futures.cause(cause)))
        .isCompletedWithValue(failure);
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void theStoreHasTheWholeTime() {
    assertThat(outbox.accept(script.tasks, "hello", Optional.empty(), TRACE_CONTEXT, deadline))
        .isCompleted();
    assertThat(script.deadlines.getFirst()).isSameAs(deadline);
  }

  private CompletableFuture<Accepted<Task<String>>> replay() {
    var idempotencyKey = Optional.of(new IdempotencyKey("key", "fingerprint"));
    return outbox.accept(script.tasks, "hello", idempotencyKey, TRACE_CONTEXT, deadline);
  }
}
