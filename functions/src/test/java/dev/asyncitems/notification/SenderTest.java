package dev.asyncitems.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.notification.Sender.Sent;
import dev.asyncitems.outbox.Outbox;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Script;
import dev.asyncitems.outbox.TaskQueue;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.rejection.Rejection;
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
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final TraceContext TRACE_CONTEXT = TraceContext.of("request-1", null);
  private static final Notification EARLIER = Notification.accept("hello", NOW.minusSeconds(60));
  private static final String ADD = "add hello of request-1 due 2026-01-15T10:00:00.123Z";

  private final Script script = new Script();
  private final ScriptedStore store = new ScriptedStore(script);
  private final Sender sender =
      new Sender(
          store, new Outbox(script.store, script.queue, Duration.ofMinutes(28), CLOCK), CLOCK);
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  @Test
  void theRowIsWrittenBeforeItsMessageIsSent() {
    var row = new CompletableFuture<Optional<Notification>>();
    store.add = notification -> row;
    var sent = sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline);
    assertThat(script.calls).containsExactly(ADD);
    var message = new CompletableFuture<TaskQueue.Sent>();
    script.send = entries -> message;
    row.complete(Optional.empty());
    assertThat(script.calls).hasSize(2);
    assertThat(script.calls.getLast()).startsWith("send ").endsWith(" of request-1");
    assertThat(sent).as("waits for the send").isNotDone();
    message.complete(Script.unsent(new Unavailable("away")));
    assertThat(sent).isCompleted();
  }

  @Test
  void itIsQueuedAtTheTimeOfItsIdAndItsMessageNamesIt() {
    var sent = sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline).resultNow();
    Notification notification = sent.notification();
    assertThat(notification)
        .isEqualTo(
            new Notification(
                notification.id(),
                "hello",
                TaskStatus.QUEUED,
                0,
                NOW,
                Optional.empty(),
                Optional.empty()));
    assertThat(notification.id().time()).isEqualTo(NOW);
    assertThat(sent.queueFailure()).isEmpty();
    assertThat(script.calls).containsExactly(ADD, "send " + notification.id() + " of request-1");
  }

  @Test
  void ifTheQueueIsAwayItIsAcceptedAndTheFailureIsReported() {
    Unavailable away = new Unavailable("away");
    script.send = entries -> Script.done(Script.unsent(away));
    var sent = sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline).resultNow();
    assertThat(sent.queueFailure()).containsSame(away);
    assertThat(script.calls).hasSize(3);
    assertThat(script.calls.getLast())
        .startsWith("postpone ")
        .endsWith(" from 2026-01-15T10:00:00.123Z to 2026-01-15T09:33:00.123Z");
  }

  @Test
  void anIdempotentReplayDispatchesTheFirstRequestsEntryAgain() {
    store.add = notification -> Script.done(Optional.of(EARLIER));
    script.find =
        Script.done(
            Optional.of(new OutboxEntry(EARLIER.id().value(), NOW, 0, TraceContext.UNKNOWN)));
    assertThat(replay()).isCompletedWithValue(new Sent(EARLIER, true, Optional.empty()));
    assertThat(script.calls)
        .containsExactly(ADD + " under key", "find " + EARLIER.id(), "send " + EARLIER.id());
  }

  @Test
  void anIdempotentReplayOfATaskThatIsQueuedNoMoreSendsNothing() {
    store.add = notification -> Script.done(Optional.of(EARLIER));
    assertThat(replay()).isCompletedWithValue(new Sent(EARLIER, true, Optional.empty()));
    assertThat(script.calls).containsExactly(ADD + " under key", "find " + EARLIER.id());
  }

  @Test
  void anIdempotentReplayIsAnsweredEvenIfItsEntryCannotBeRead() {
    store.add = notification -> Script.done(Optional.of(EARLIER));
    Unavailable away = new Unavailable("away");
    script.find = Script.failed(away);
    assertThat(replay()).isCompletedWithValue(new Sent(EARLIER, true, Optional.of(away)));
  }

  @Test
  void aRejectedRequestSendsNothing() {
    Rejection reused = new Rejection(Rejection.Reason.KEY_REUSED);
    store.add = notification -> Script.failed(reused);
    assertThat(
            sender
                .send("hello", Optional.empty(), TRACE_CONTEXT, deadline)
                .handle((sent, failure) -> Futures.cause(failure)))
        .isCompletedWithValue(reused);
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void ifTheStoreIsAwayItFailsAndSendsNothing() {
    Unavailable away = new Unavailable("away");
    store.add = notification -> Script.failed(away);
    assertThat(
            sender
                .send("hello", Optional.empty(), TRACE_CONTEXT, deadline)
                .handle((sent, failure) -> Futures.cause(failure)))
        .isCompletedWithValue(away);
    assertThat(script.calls).hasSize(1);
  }

  @Test
  void theStoreHasTheWholeTime() {
    assertThat(sender.send("hello", Optional.empty(), TRACE_CONTEXT, deadline)).isCompleted();
    assertThat(script.deadlines.getFirst()).isSameAs(deadline);
  }

  @Test
  void aMessageThatBreaksTheRuleIsRejected() {
    for (String message : new String[] {"", " ", "\u0000", "m".repeat(4_097)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sender.send(message, Optional.empty(), TRACE_CONTEXT, deadline));
    }
    assertThat(script.calls).isEmpty();
  }

  private CompletableFuture<Sent> replay() {
    var idempotencyKey = Optional.of(new IdempotencyKey("key", "fingerprint"));
    return sender.send("hello", idempotencyKey, TRACE_CONTEXT, deadline);
  }
}
