package dev.asyncitems.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.http.UnreadableEvent;
import dev.asyncitems.json.Json;
import dev.asyncitems.lambda.QueueShell.Done;
import dev.asyncitems.lambda.QueueShell.Work;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class QueueShellTest {
  private static final String SECRET = "secret-123";
  private static final Done DONE =
      new Done(true, "logged", Map.of("delivery", "1"), Map.of(), Optional.empty());
  private static final Done AGAIN =
      new Done(false, "retry", Map.of(), Map.of(), Optional.of(new IllegalStateException(SECRET)));

  /** Does the job of one message. */
  private interface Worker {
    CompletableFuture<Done> work(SQSMessage message, Deadline deadline);
  }

  @Test
  void onlyWhatFailedIsReturned() throws Json.Malformed {
    try (Printed printed = new Printed()) {
      assertThat(
              handle(
                  (message, deadline) ->
                      CompletableFuture.completedFuture(
                          message.getMessageId().equals("b") ? AGAIN : DONE),
                  "a",
                  "b",
                  "c"))
          .isEqualTo(failures("b"));
      assertThat(printed.lines())
          .extracting(line -> line.get("messageId"), line -> line.get("outcome"))
          .containsExactly(
              tuple(new Json.Str("a"), new Json.Str("logged")),
              tuple(new Json.Str("b"), new Json.Str("retry")),
              tuple(new Json.Str("c"), new Json.Str("logged")));
      assertThat(printed.lines().getFirst())
          .containsOnlyKeys(
              "timestamp",
              "level",
              "message",
              "function",
              "invocationId",
              "messageId",
              "notificationId",
              "coldStarts",
              "outcome",
              "delivery",
              "durationMs")
          .containsEntry("level", new Json.Str("INFO"));
      assertThat(printed.lines().get(1)).containsEntry("level", new Json.Str("WARN"));
      assertThat(printed.text()).doesNotContain(SECRET);
    }
  }

  @Test
  void allMessagesAreWorkedOnAtOnceAndAnsweredInTheirOrder() {
    List<CompletableFuture<Done>> works = new ArrayList<>();
    String answer =
        quietly(
            (message, deadline) -> {
              works.add(new CompletableFuture<>());
              if (works.size() == 3) {
                // The last to begin ends first.
                works.get(2).complete(AGAIN);
                works.get(0).complete(AGAIN);
                works.get(1).complete(DONE);
              }
              return works.getLast();
            },
            "a",
            "b",
            "c");
    assertThat(answer).isEqualTo(failures("a", "c"));
  }

  @Test
  void aWorkerThatThrowsOrFailsReturnsItsMessageAlone() {
    assertThat(
            quietly(
                (message, deadline) ->
                    switch (message.getMessageId()) {
                      case "a" -> throw new IllegalStateException(SECRET);
                      case "b" -> CompletableFuture.failedFuture(new AssertionError(SECRET));
                      default -> CompletableFuture.completedFuture(DONE);
                    },
                "a",
                "b",
                "c"))
        .isEqualTo(failures("a", "b"));
  }

  @Test
  void aMessageThatNeverEndsIsReturnedInTime() throws Json.Malformed {
    try (Printed printed = new Printed()) {
      CompletableFuture<Done> never = new CompletableFuture<>();
      assertThat(
              handle(
                  new TestContext(330),
                  (message, deadline) ->
                      message.getMessageId().equals("a")
                          ? never
                          : CompletableFuture.completedFuture(DONE),
                  "a",
                  "b"))
          .isEqualTo(failures("a"));
      assertThat(printed.lines().getFirst())
          .containsEntry(
              "failure",
              new Json.Str("dev.asyncitems.call.DeadlineExceeded: the deadline has passed"))
          .containsEntry("notificationId", new Json.Str("n"))
          .containsEntry("retried", new Json.Num("1"));
      assertThat(never).as("a late end changes nothing").isNotDone();
    }
  }

  @Test
  void withoutTimeOnlyWhatHasEndedIsNotReturned() {
    try (Printed printed = new Printed()) {
      assertThat(
              handle(
                  new TestContext(0),
                  (message, deadline) ->
                      message.getMessageId().equals("b")
                          ? CompletableFuture.completedFuture(DONE)
                          : new CompletableFuture<>(),
                  "a",
                  "b",
                  "c"))
          .isEqualTo(failures("a", "c"));
      assertThat(printed.text()).contains("DeadlineExceeded");
    }
  }

  @Test
  void aMessageThatCannotBeReadIsReturnedAlone() throws Json.Malformed {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Printed printed = new Printed()) {
      new QueueShell(
              message -> {
                if (message.getMessageId().equals("b")) {
                  throw new IllegalStateException(SECRET);
                }
                return new Work(Map.of(), deadline -> CompletableFuture.completedFuture(DONE));
              },
              new Log("Record", Clock.systemUTC()))
          .handle(batch("a", "b", "c"), out, TestContext.AMPLE);
      assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(failures("b"));
      assertThat(printed.lines())
          .extracting(line -> line.get("messageId"), line -> line.get("outcome"))
          .containsExactly(
              tuple(new Json.Str("a"), new Json.Str("logged")),
              tuple(new Json.Str("b"), new Json.Str("retry")),
              tuple(new Json.Str("c"), new Json.Str("logged")));
      assertThat(printed.lines().get(1)).containsKey("failure");
      assertThat(printed.text()).doesNotContain(SECRET);
    }
  }

  @Test
  void membersOfAnotherTypeAreAbsentAndFailNoOtherMessage() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String event =
        """
        {"Records":[{"messageId":"a","body":{"x":1},"attributes":[1],"messageAttributes":[{}]},
         {"messageId":"b","body":null,"attributes":{"x":{"y":[]}},
          "messageAttributes":{"x":1,"y":{"stringValue":[]}}},{"messageId":"c","body":"text"}]}
        """;
    try (Printed printed = new Printed()) {
      new QueueShell(
              message ->
                  new Work(
                      Map.of("body", String.valueOf(message.getBody())),
                      deadline -> CompletableFuture.completedFuture(DONE)),
              new Log("Record", Clock.systemUTC()))
          .handle(
              new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
              out,
              TestContext.AMPLE);
      assertThat(printed.text()).contains("\"messageId\":\"c\",\"body\":\"text\"");
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(failures());
  }

  @Test
  void aBatchThatCannotBeReadIsLoggedAndFailsAsAWhole() throws Json.Malformed {
    try (Printed printed = new Printed()) {
      assertThatExceptionOfType(UnreadableEvent.class)
          .isThrownBy(() ->
              new QueueShell(
                      message -> {
                        throw new IllegalStateException();
                      },
                      new Log("Record", Clock.systemUTC()))
                  .handle(
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
  }

  @Test
  void anEmptyBatchHasNoFailures() {
    assertThat(quietly((message, deadline) -> new CompletableFuture<>())).isEqualTo(failures());
  }

  @Test
  void theSameMessageTwiceIsReturnedTwice() {
    assertThat(quietly((message, deadline) -> CompletableFuture.completedFuture(AGAIN), "a", "a"))
        .isEqualTo(failures("a", "a"));
  }

  private static String failures(String... ids) {
    return Stream.of(ids)
        .map(id -> "{\"itemIdentifier\":\"" + id + "\"}")
        .collect(Collectors.joining(",", "{\"batchItemFailures\":[", "]}"));
  }

  private static String quietly(Worker worker, String... ids) {
    try (Printed printed = new Printed()) {
      String answer = handle(worker, ids);
      assertThat(printed.text()).doesNotContain(SECRET);
      return answer;
    }
  }

  private static String handle(Worker worker, String... ids) {
    return handle(TestContext.AMPLE, worker, ids);
  }

  private static String handle(Context context, Worker worker, String... ids) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new QueueShell(
            message ->
                new Work(Map.of("notificationId", "n"), deadline -> worker.work(message, deadline)),
            new Log("Record", Clock.systemUTC()))
        .handle(batch(ids), out, context);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static ByteArrayInputStream batch(String... ids) {
    String event =
        Stream.of(ids)
            .map(id -> "{\"messageId\":\"" + id + "\",\"body\":\"" + SECRET + "\"}")
            .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
    return new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8));
  }
}
