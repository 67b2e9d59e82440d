package dev.asyncitems.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.http.UnreadableEvent;
import dev.asyncitems.json.Json;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.Consumer;
import dev.asyncitems.outbox.Redelivery;
import dev.asyncitems.outbox.Script;
import dev.asyncitems.value.UuidV7;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QueueShellTest {
  private static final String SECRET = "secret-123";
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final UUID ID = UuidV7.at(NOW.minusSeconds(60));

  // The smallest random numbers give the longest delays.
  private static final RandomGenerator LEAST = () -> 0;

  private final Script script = new Script();
  private final AtomicLong nanos = new AtomicLong(System.nanoTime());
  private final List<String> calls = new ArrayList<>();

  /** The effect of a delivery, by the message's id and the number of deliveries. */
  private Function<String, CompletableFuture<Effect>> task = delivery -> Script.done(Effect.DONE);

  private CompletableFuture<Boolean> delayed = Script.done(true);
  private CompletableFuture<Boolean> deadLettered = Script.done(true);

  private final Deliveries deliveries =
      new Deliveries() {
        @Override
        public CompletableFuture<?> delay(SQSMessage message, Duration delay, Deadline deadline) {
          calls.add("delay " + message.getMessageId() + " " + delay);
          return delayed;
        }

        @Override
        public CompletableFuture<?> deadLetter(
            SQSMessage message, String reason, Deadline deadline) {
          calls.add("dead letter " + message.getMessageId() + ": " + reason);
          return deadLettered;
        }
      };

  private final QueueShell shell =
      new QueueShell(
          "notificationId",
          new Consumer(
              (id, attempt, deadline) -> task.apply(attempt.delivery()),
              script.store,
              new Redelivery(Duration.ofMinutes(3), 30, 8, () -> LEAST),
              CLOCK),
          deliveries,
          new Log("Work", CLOCK),
          nanos::get);

  @Test
  void onlyFailedMessagesAreReturned() throws Json.Malformed {
    task =
        delivery ->
            delivery.equals("b 1")
                ? Script.failed(new Unavailable("away"))
                : Script.done(delivery.equals("c 1") ? Effect.ALREADY_DONE : Effect.REPLAYED);
    var lines = assertReturned(batch("a", "b", "c"), "b");
    assertThat(calls).containsExactly("delay b PT10S");
    assertThat(lines)
        .extracting(line -> line.get("messageId") + " " + line.get("outcome"))
        .containsExactly(
            new Json.Str("a") + " " + new Json.Str("done"),
            new Json.Str("b") + " " + new Json.Str("retry"),
            new Json.Str("c") + " " + new Json.Str("already done"));
    assertThat(lines.get(0))
        .containsOnlyKeys(
            "timestamp",
            "level",
            "message",
            "function",
            "invocationId",
            "messageId",
            "notificationId",
            "delivery",
            "outcome",
            "durationMs",
            "coldStarts",
            "done",
            "ageMs",
            "replayed")
        .containsEntry("level", new Json.Str("INFO"))
        .containsEntry("message", new Json.Str("message"))
        .containsEntry("notificationId", new Json.Str(ID.toString()))
        .containsEntry("ageMs", new Json.Num("60000"));
    assertThat(lines.get(1))
        .containsEntry("level", new Json.Str("WARN"))
        .containsEntry("retried", new Json.Num("1"))
        .containsEntry("serverErrors", new Json.Num("1"))
        .containsKey("failure");
    assertThat(lines.get(2)).doesNotContainKeys("done", "ageMs", "failure");
  }

  @Test
  void allMessagesAreProcessedAtOnceAndReturnedInTheirOrder() throws Json.Malformed {
    List<CompletableFuture<Effect>> effects = new ArrayList<>();
    task =
        delivery -> {
          effects.add(new CompletableFuture<>());
          if (effects.size() == 3) {
            // The attempts end in another order than they began.
            effects.get(2).completeExceptionally(new Unavailable("away"));
            effects.get(0).completeExceptionally(new Unavailable("away"));
            effects.get(1).complete(Effect.DONE);
          }
          return effects.getLast();
        };
    assertReturned(batch("a", "b", "c"), "a", "c");
  }

  @Test
  void aTaskThatThrowsBacksOffLikeAnyFailure() throws Json.Malformed {
    task =
        delivery ->
            switch (delivery) {
              case "a 1" -> throw new IllegalStateException(SECRET);
              case "b 1" -> throw new AssertionError(SECRET);
              default -> Script.done(Effect.DONE);
            };
    assertReturned(batch("a", "b", "c"), "a", "b");
    assertThat(calls).containsExactly("delay a PT10S", "delay b PT10S");
    assertThat(script.calls)
        .containsExactly(
            "record failure of a 1: an internal error occurred",
            "record failure of b 1: an internal error occurred");
  }

  @Test
  void aMessageWhoseAttemptsAreUsedUpIsDeadLettered() throws Json.Malformed {
    task = delivery -> Script.failed(new Unavailable("away"));
    script.recordFailure = Script.done(OptionalInt.of(8));
    String reason = "the store was unavailable at the last of 8 attempts";
    var lines = assertReturned(batch(message("a", "3")));
    assertThat(calls).containsExactly("dead letter a: " + reason);
    assertThat(lines.getFirst())
        .containsEntry("level", new Json.Str("WARN"))
        .containsEntry("outcome", new Json.Str("failed"))
        .containsEntry("reason", new Json.Str(reason))
        .containsEntry("failure", new Json.Str("dev.asyncitems.call.Unavailable: away"))
        .containsEntry("delivery", new Json.Str("3"))
        .containsEntry("failed", new Json.Num("1"))
        .doesNotContainKey("retried");
  }

  @Test
  void aFailedMessageThatCannotBeDeadLetteredIsDelayed() throws Json.Malformed {
    task = delivery -> Script.failed(new Unavailable("away"));
    script.recordFailure = Script.done(OptionalInt.of(8));
    deadLettered = Script.failed(new Unavailable("no letters"));
    var lines = assertReturned(batch(message("a", "2")), "a");
    assertThat(calls).endsWith("delay a PT20S").hasSize(2);
    assertThat(lines.getFirst())
        .containsEntry("outcome", new Json.Str("retry"))
        .containsEntry("failure", new Json.Str("dev.asyncitems.call.Unavailable: no letters"));
  }

  /** Otherwise a message that kills the function would use up the attempts of the others. */
  @Test
  void messagesThatMayKillTheFunctionRunOneAfterAnother() throws Json.Malformed {
    List<String> started = new ArrayList<>();
    CompletableFuture<Effect> first = new CompletableFuture<>();
    task =
        delivery -> {
          started.add(delivery);
          if (delivery.equals("d 1")) {
            // Nothing else starts before the first suspect ends.
            assertThat(started).containsExactly("a 4", "b 1", "d 1");
            assertThat(script.calls).containsExactly("record start of a 4: the function stopped");
            first.completeExceptionally(new Unavailable("away"));
          }
          return delivery.equals("a 4") ? first : Script.done(Effect.DONE);
        };
    assertReturned(
        batch(message("a", "4"), message("b", "1"), message("c", "5"), message("d", "1")), "a");
    assertThat(started).containsExactly("a 4", "b 1", "d 1", "c 5");
    assertThat(script.calls)
        .containsExactly(
            "record start of a 4: the function stopped",
            "record failure of started a 4: the store was unavailable",
            "record start of c 5: the function stopped");
  }

  @ParameterizedTest
  @CsvSource({"3, 3", "0, 1", "-2, 1", "x, 1", "'', 1", "1000000000, 1"})
  void aReceiveCountThatIsNoneIsTheFirst(String count, int delivery) throws Json.Malformed {
    task = name -> Script.failed(new Unavailable(name));
    assertReturned(batch(message("a", count)), "a");
    assertThat(script.calls)
        .containsExactly("record failure of a " + delivery + ": the store was unavailable");
  }

  @Test
  void aMessageThatNeverEndsIsReturnedInTime() throws Json.Malformed {
    CompletableFuture<Effect> never = new CompletableFuture<>();
    task = delivery -> delivery.equals("a 1") ? never : Script.done(Effect.DONE);
    var lines = assertReturned(new TestContext(330), batch("a", "b"), "a");
    assertThat(lines.getFirst())
        .containsEntry(
            "failure",
            new Json.Str("dev.asyncitems.call.DeadlineExceeded: the deadline has passed"))
        .containsEntry("notificationId", new Json.Str(ID.toString()))
        .containsEntry("retried", new Json.Num("1"));
    assertThat(never).as("a late end changes nothing").isNotDone();
  }

  @Test
  void withoutTimeOnlyMessagesThatHaveEndedAreKept() throws Json.Malformed {
    task =
        delivery -> delivery.equals("b 1") ? Script.done(Effect.DONE) : new CompletableFuture<>();
    assertReturned(new TestContext(0), batch("a", "b", "c"), "a", "c");
  }

  @Test
  void theDurationIsThatOfItsMessage() throws Json.Malformed {
    CompletableFuture<Effect> first = new CompletableFuture<>();
    task =
        delivery -> {
          if (delivery.equals("a 1")) {
            return first;
          }
          nanos.addAndGet(Duration.ofMillis(7).toNanos());
          first.complete(Effect.DONE);
          nanos.addAndGet(Duration.ofMillis(5).toNanos());
          return Script.done(Effect.DONE);
        };
    assertThat(assertReturned(batch("a", "b")))
        .extracting(line -> line.get("durationMs"))
        .containsExactly(new Json.Num("7"), new Json.Num("12"));
  }

  @Test
  void aMessageThatCannotSucceedIsDeadLetteredAndDelaysNoOther() throws Json.Malformed {
    task = delivery -> Script.done(delivery.equals("b 1") ? Effect.UNKNOWN : Effect.DONE);
    var lines =
        assertReturned(
            batch("{\"messageId\":\"a\",\"body\":\"x\"}", message("b", "1"), message("c", "1")));
    assertThat(calls)
        .containsExactly(
            "dead letter a: the message is malformed",
            "dead letter b: no row has the message's id");
    assertThat(lines.get(0))
        .containsEntry("outcome", new Json.Str("dead-lettered"))
        .containsEntry("reason", new Json.Str("the message is malformed"))
        .containsEntry("failed", new Json.Num("1"))
        .doesNotContainKey("notificationId");
    assertThat(lines.get(2)).containsEntry("outcome", new Json.Str("done"));
  }

  @Test
  void aMessageThatCannotBeDeadLetteredIsDelayed() throws Json.Malformed {
    task = delivery -> Script.done(Effect.UNKNOWN);
    deadLettered = Script.failed(new Unavailable("away"));
    var lines = assertReturned(batch(message("a", "2"), message("b", "30")), "a", "b");
    assertThat(calls)
        .containsSubsequence("dead letter a: no row has the message's id", "delay a PT20S")
        .containsSubsequence("dead letter b: no row has the message's id", "delay b PT0S");
    assertThat(lines.getFirst())
        .containsEntry("outcome", new Json.Str("retry"))
        .containsEntry("failure", new Json.Str("dev.asyncitems.call.Unavailable: away"));
    assertThat(script.calls)
        .as("marks nothing")
        .containsExactly("record start of b 30: the function stopped");
  }

  @Test
  void aMessageThatCannotBeDelayedIsLeftToTheQueue() throws Json.Malformed {
    task = delivery -> Script.failed(new Unavailable("away"));
    delayed = Script.failed(new IllegalStateException("too"));
    var lines = assertReturned(batch("a"), "a");
    assertThat(lines.getFirst())
        .containsEntry("outcome", new Json.Str("retry"))
        .containsEntry("failure", new Json.Str("dev.asyncitems.call.Unavailable: away"));
  }

  @Test
  void aMessageIsProcessedOnceItsDelayIsSet() throws Json.Malformed {
    task = delivery -> Script.failed(new Unavailable("away"));
    delayed = new CompletableFuture<>();
    var lines = assertReturned(new TestContext(330), batch("a"), "a");
    assertThat(String.valueOf(lines.getFirst().get("failure"))).contains("DeadlineExceeded");
  }

  @Test
  void theRequestThatATaskBeganWithIsInTheLine() throws Json.Malformed {
    var lines =
        assertReturned(
            batch(
                """
                {"messageId":"a","body":"{\\"id\\":\\"%s\\"}",
                 "messageAttributes":{"requestId":{"stringValue":"request-1"}},
                 "attributes":{"AWSTraceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793"}}
                """
                    .formatted(ID)));
    assertThat(lines.getFirst())
        .containsEntry("requestId", new Json.Str("request-1"))
        .containsEntry("traceId", new Json.Str("1-5759e988-bd862e3fe1be46a994272793"));
  }

  @Test
  void membersOfAnotherTypeAreAbsentAndFailNoOtherMessage() throws Json.Malformed {
    var lines =
        assertReturned(
            batch(
                "{\"messageId\":\"a\",\"body\":{\"x\":1},\"attributes\":[1],\"messageAttributes\":[{}]}",
                """
                {"messageId":"b","body":null,"attributes":{"x":{"y":[]}},
                 "messageAttributes":{"requestId":1,"y":{"stringValue":[]}}}
                """,
                """
                {"messageId":"c","body":"{\\"id\\":\\"%s\\"}","attributes":{"AWSTraceHeader":[]},
                 "messageAttributes":{"requestId":{"stringValue":{}}}}
                """
                    .formatted(ID)));
    assertThat(calls)
        .containsExactly(
            "dead letter a: the message is malformed", "dead letter b: the message is malformed");
    assertThat(lines.get(2))
        .containsEntry("outcome", new Json.Str("done"))
        .doesNotContainKeys("requestId", "traceId");
  }

  @Test
  void aBatchThatCannotBeReadIsLoggedAndFailsAsAWhole() throws Json.Malformed {
    try (Printed printed = new Printed()) {
      assertThatExceptionOfType(UnreadableEvent.class)
          .isThrownBy(() ->
              shell.handle(
                  new ByteArrayInputStream("{\"Records\":[{".getBytes(StandardCharsets.UTF_8)),
                  new ByteArrayOutputStream(),
                  TestContext.AMPLE))
          .withMessageStartingWith("the event is not valid JSON, near line 1");
      assertThat(printed.lines()).hasSize(1);
      assertThat(printed.lines().getFirst())
          .containsEntry("level", new Json.Str("ERROR"))
          .containsEntry("message", new Json.Str("batch"))
          .containsEntry("outcome", new Json.Str("unreadable"));
    }
    assertThat(calls).isEmpty();
  }

  @Test
  void anEmptyBatchHasNoFailures() throws Json.Malformed {
    assertThat(assertReturned(batch(new String[0]))).isEmpty();
  }

  @Test
  void aMessageThatIsTwiceInABatchIsReturnedTwice() throws Json.Malformed {
    task = delivery -> Script.failed(new Unavailable("away"));
    assertReturned(batch("a", "a"), "a", "a");
  }

  private List<Map<String, Json>> assertReturned(String event, String... messages)
      throws Json.Malformed {
    return assertReturned(TestContext.AMPLE, event, messages);
  }

  /** Returns the log lines. */
  private List<Map<String, Json>> assertReturned(Context context, String event, String... messages)
      throws Json.Malformed {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Printed printed = new Printed()) {
      shell.handle(new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)), out, context);
      assertThat(out.toString(StandardCharsets.UTF_8))
          .isEqualTo(
              Stream.of(messages)
                  .map(id -> "{\"itemIdentifier\":\"" + id + "\"}")
                  .collect(Collectors.joining(",", "{\"batchItemFailures\":[", "]}")));
      assertThat(printed.text()).doesNotContain(SECRET);
      return printed.lines();
    }
  }

  /** Returns a batch of messages. Each message is a JSON object, or an id for a first delivery. */
  private static String batch(String... messages) {
    return Stream.of(messages)
        .map(message -> message.startsWith("{") ? message : message(message, "1"))
        .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
  }

  private static String message(String id, String count) {
    return "{\"messageId\":\"%s\",\"body\":\"{\\\"id\\\":\\\"%s\\\"}\",\"attributes\":{\"ApproximateReceiveCount\":\"%s\"}}"
        .formatted(id, ID, count);
  }
}
