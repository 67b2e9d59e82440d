package dev.asyncitems.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.notification.Sender.Sent;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.trace.TraceContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class SenderTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final TraceContext TRACE_CONTEXT = TraceContext.of("request-1", null);
  private static final Notification EARLIER = Notification.accept("hello", NOW.minusSeconds(60));

  private final Script script = new Script();
  private final Sender sender =
      new Sender(script.store, script.queue, Clock.fixed(NOW, ZoneOffset.UTC));
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  @Test
  void theRowIsWrittenBeforeItsJobIsEnqueued() {
    var row = new CompletableFuture<Result<Accepted<Notification>>>();
    script.add = notification -> row;
    var sent = sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline);
    assertThat(script.calls)
        .containsExactly("add hello of request-1 turn 2026-01-15T09:33:00.123Z");
    var job = new CompletableFuture<Job>();
    script.enqueue = asked -> job;
    row.complete(accepted(false));
    assertThat(script.calls).endsWith("enqueue " + EARLIER.id() + " of request-1").hasSize(2);
    assertThat(sent).as("no call is under way once it is answered").isNotDone();
    job.complete(new Job(EARLIER.id(), TRACE_CONTEXT));
    assertThat(sent)
        .isCompletedWithValue(
            new Result.Done<>(new Sent(new Accepted<>(EARLIER, false), Optional.empty())));
  }

  @Test
  void itIsQueuedAtTheTimeOfItsId() {
    var sent = sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline).resultNow();
    Notification notification = ((Result.Done<Sent>) sent).value().accepted().value();
    assertThat(notification)
        .isEqualTo(
            new Notification(
                notification.id(),
                "hello",
                Status.QUEUED,
                0,
                NOW,
                Optional.empty(),
                Optional.empty()));
    assertThat(notification.id().time()).isEqualTo(NOW);
  }

  @Test
  void withTheQueueAwayItIsAcceptedAllTheSameAndTheFailureTold() {
    Unavailable away = new Unavailable("away");
    script.enqueue = id -> Script.<Job>failed(away).thenApply(taken -> taken);
    var sent = sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline).resultNow();
    assertThat(((Result.Done<Sent>) sent).value().queueFailure()).containsSame(away);
  }

  @Test
  void theQueueHasASecondAtMost() {
    var sent = sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline);
    assertThat(sent).isCompleted();
    assertThat(script.deadlines.getFirst()).isSameAs(deadline);
    assertThat(script.deadlines.getLast().remaining()).isLessThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void theQueueHasNoMoreThanIsLeft() {
    Deadline soon = Deadline.after(Duration.ofMillis(900));
    var sent = sender.send("hello", Optional.empty(), TRACE_CONTEXT, soon);
    assertThat(sent).isCompleted();
    assertThat(script.deadlines.getFirst()).isSameAs(soon);
    assertThat(script.deadlines.getLast().remaining())
        .as("and some of it is for the answer")
        .isLessThanOrEqualTo(Duration.ofMillis(700));
  }

  @Test
  void aReplayEnqueuesNothing() {
    script.add = notification -> Script.done(accepted(true));
    var idempotencyKey = Optional.of(new IdempotencyKey("key", "fingerprint"));
    assertThat(sender.send("hello", idempotencyKey, TRACE_CONTEXT, deadline))
        .isCompletedWithValue(
            new Result.Done<>(new Sent(new Accepted<>(EARLIER, true), Optional.empty())));
    assertThat(script.calls)
        .containsExactly("add hello of request-1 turn 2026-01-15T09:33:00.123Z under key");
  }

  @Test
  void whatIsRefusedEnqueuesNothing() {
    script.add = notification -> Script.done(new Result.Rejected<>(Rejection.KEY_REUSED));
    assertThat(sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline))
        .isCompletedWithValue(new Result.Rejected<>(Rejection.KEY_REUSED));
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void withTheStoreAwayItFailsAndEnqueuesNothing() {
    Unavailable away = new Unavailable("away");
    script.add = notification -> Script.failed(away);
    assertThat(
            sender
                .send("hello", Optional.empty(), TRACE_CONTEXT, deadline)
                .handle((sent, failure) -> Futures.cause(failure)))
        .isCompletedWithValue(away);
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void aMessageThatIsNoneIsRefused() {
    for (String message : new String[] {"", " ", "\u0000", "m".repeat(4_097)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sender.send(message, Optional.empty(), TRACE_CONTEXT, deadline));
    }
    assertThat(script.calls).isEmpty();
  }

  private static Result<Accepted<Notification>> accepted(boolean replayed) {
    return new Result.Done<>(new Accepted<>(EARLIER, replayed));
  }
}
