package dev.asyncitems.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.ProblemType;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.http.Violation;
import dev.asyncitems.json.Json;
import dev.asyncitems.metric.Metric;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpShellTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-15T09:32:00.123Z"), ZoneOffset.UTC);
  private static final Log LOG = new Log("GetThing", CLOCK);
  private static final String SECRET = "secret-123";
  private static final String TRACE_OF_THE_GATEWAY = "1-5759e988-bd862e3fe1be46a994272793";
  private static final String TRACE_OF_LAMBDA = "1-67891233-abcdef012345678912345678";

  /** An answer, and the log line of the request. */
  private record Answer(
      int status, Map<String, Json> headers, Map<String, Json> body, Map<String, Json> line) {}

  @Test
  void anAnswerIsPassedOnAndLogged() throws Json.Malformed {
    Answer answer =
        answer(request ->
            CompletableFuture.completedFuture(
                Reply.of(
                        201,
                        json -> {
                          json.writeStartObject();
                          json.writeNumberProperty("a", 1);
                          json.writeEndObject();
                        })
                    .with("ETag", "\"1\"")));
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.headers())
        .containsOnly(
            Map.entry("Content-Type", new Json.Str("application/json")),
            Map.entry("ETag", new Json.Str("\"1\"")));
    assertThat(answer.body()).containsExactly(Map.entry("a", new Json.Num("1")));
    assertThat(answer.line())
        .containsOnlyKeys(
            "timestamp",
            "level",
            "message",
            "function",
            "requestId",
            "invocationId",
            "route",
            "status",
            "traceId",
            "outcome",
            "result",
            "requests",
            "coldStarts",
            "durationMs")
        .containsEntry("timestamp", new Json.Str("2026-01-15T09:32:00.123Z"))
        .containsEntry("level", new Json.Str("INFO"))
        .containsEntry("message", new Json.Str("request"))
        .containsEntry("function", new Json.Str("GetThing"))
        .containsEntry("requestId", new Json.Str("request-1"))
        .containsEntry("invocationId", new Json.Str("invocation-1"))
        .containsEntry("route", new Json.Str("GET /things/a b"))
        .containsEntry("status", new Json.Num("201"))
        .containsEntry("outcome", new Json.Str("ok"));
  }

  @Test
  void aRequestIsFollowedByLambdasTraceAndByTheGatewaysWhereThereIsNone() throws Json.Malformed {
    Context traced =
        new TestContext(
            60_000,
            () -> "Root=" + TRACE_OF_LAMBDA + ";Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a");
    assertThat(answer(HttpShellTest::noContent, traced).line())
        .containsEntry("traceId", new Json.Str(TRACE_OF_LAMBDA));
    assertThat(answer(HttpShellTest::noContent).line())
        .containsEntry("traceId", new Json.Str(TRACE_OF_THE_GATEWAY));
    // A runtime with an older Context lacks the method.
    Context old =
        new TestContext(
            60_000,
            () -> {
              throw new NoSuchMethodError();
            });
    assertThat(answer(HttpShellTest::noContent, old).line())
        .containsEntry("traceId", new Json.Str(TRACE_OF_THE_GATEWAY));
  }

  @Test
  void whatTheHandlerNotesIsLoggedAlsoWhereItFails() throws Json.Malformed {
    Answer answer =
        answer(request -> {
          request.note("notificationId", "n");
          request.count(Metric.ACCEPTED);
          request.count(Metric.ACCEPTED);
          throw new IllegalStateException(SECRET);
        });
    assertThat(answer.line())
        .containsEntry("notificationId", new Json.Str("n"))
        .containsEntry("accepted", new Json.Num("2"))
        .containsEntry("serverErrors", new Json.Num("1"))
        .containsEntry("result", new Json.Str("server_error"));
  }

  @ParameterizedTest
  @CsvSource({"200, ok", "308, ok", "400, client_error", "422, client_error", "500, server_error"})
  void aRequestHasOneOfThreeResults(int status, String result) throws Json.Malformed {
    assertThat(answer(request -> CompletableFuture.completedFuture(Reply.empty(status))).line())
        .containsEntry("result", new Json.Str(result))
        .containsEntry("requests", new Json.Num("1"));
  }

  private static CompletableFuture<Reply> noContent(Request request) {
    return CompletableFuture.completedFuture(Reply.empty(204));
  }

  @Test
  void neitherBodyNorHeadersNorQueryAreLogged() {
    try (Printed printed = new Printed()) {
      for (RuntimeException failure :
          List.of(new IllegalStateException(SECRET), new Unavailable("the store is away"))) {
        handle(request -> CompletableFuture.failedFuture(failure), TestContext.AMPLE);
      }
      handle(
          request -> {
            throw new IllegalStateException(SECRET, new RuntimeException(SECRET));
          },
          TestContext.AMPLE);
      assertThat(printed.text()).doesNotContain(SECRET).contains("IllegalStateException");
    }
  }

  @Test
  void aProblemHasTheMembersOfRfc9457() throws Json.Malformed {
    Problem problem =
        new Problem(
            ProblemType.METHOD_NOT_ALLOWED,
            "No.",
            List.of(
                Violation.at("/a", "one"),
                Violation.parameter("b", "two"),
                Violation.header("C", "three")),
            Map.of("Allow", "GET"));
    for (Function<Request, CompletableFuture<Reply>> way :
        List.<Function<Request, CompletableFuture<Reply>>>of(
            request -> CompletableFuture.failedFuture(new ProblemException(problem)),
            request ->
                CompletableFuture.<Reply>failedFuture(new ProblemException(problem))
                    .thenApply(reply -> reply),
            request -> {
              throw new ProblemException(problem);
            })) {
      Answer answer = answer(way);
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.headers())
          .containsOnly(
              Map.entry("Content-Type", new Json.Str("application/problem+json")),
              Map.entry("Cache-Control", new Json.Str("no-store")),
              Map.entry("Allow", new Json.Str("GET")));
      assertThat(answer.body())
          .containsExactly(
              Map.entry("type", new Json.Str("/problems/method-not-allowed")),
              Map.entry("title", new Json.Str("Method Not Allowed")),
              Map.entry("status", new Json.Num("405")),
              Map.entry("detail", new Json.Str("No.")),
              Map.entry("instance", new Json.Str("/things/a%20b")),
              Map.entry("requestId", new Json.Str("request-1")),
              Map.entry(
                  "violations",
                  new Json.Arr(
                      List.of(
                          violation("pointer", "/a", "one"),
                          violation("parameter", "b", "two"),
                          violation("header", "C", "three")))));
      assertThat(answer.line())
          .containsEntry("level", new Json.Str("INFO"))
          .containsEntry("outcome", new Json.Str("/problems/method-not-allowed"))
          .doesNotContainKeys("failure", "at");
    }
  }

  @Test
  void withoutViolationsAProblemHasNoSuchMember() throws Json.Malformed {
    Answer answer =
        answer(request -> {
          throw new ProblemException(Problem.of(ProblemType.NOT_FOUND, "Nothing."));
        });
    assertThat(answer.body()).doesNotContainKey("violations");
  }

  @Test
  void whateverBreaksIs500WithAFixedText() throws Json.Malformed {
    for (Function<Request, CompletableFuture<Reply>> way :
        List.<Function<Request, CompletableFuture<Reply>>>of(
            request -> CompletableFuture.failedFuture(new IllegalStateException(SECRET)),
            request -> CompletableFuture.failedFuture(new IOException(SECRET)),
            request -> CompletableFuture.failedFuture(new AssertionError(SECRET)),
            request ->
                CompletableFuture.failedFuture(
                    new CompletionException(new IllegalStateException(SECRET))),
            request -> {
              CompletableFuture<Reply> cancelled = new CompletableFuture<>();
              cancelled.cancel(true);
              return cancelled;
            },
            request -> {
              throw new IllegalArgumentException(SECRET);
            })) {
      Answer answer = answer(way);
      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.body())
          .containsOnlyKeys("type", "title", "status", "detail", "instance", "requestId")
          .containsEntry("type", new Json.Str("/problems/internal-error"))
          .containsEntry("requestId", new Json.Str("request-1"))
          .containsEntry(
              "detail",
              new Json.Str("An internal error occurred. When you report it, give the requestId."));
      assertThat(answer.line())
          .containsEntry("level", new Json.Str("ERROR"))
          .containsKeys("failure", "at");
    }
  }

  @Test
  void whatIsAwayIs503WithRetryAfter() throws Json.Malformed {
    Answer answer =
        answer(request ->
            CompletableFuture.<Reply>failedFuture(new Unavailable("DynamoDB answered 503"))
                .thenApply(reply -> reply));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.headers()).containsEntry("Retry-After", new Json.Str("1"));
    assertThat(String.valueOf(answer.body().get("detail"))).doesNotContain("DynamoDB");
    assertThat(answer.line())
        .containsEntry("level", new Json.Str("WARN"))
        .containsEntry(
            "failure", new Json.Str("dev.asyncitems.call.Unavailable: DynamoDB answered 503"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 300, 320})
  void whatDoesNotEndInTimeIs504(int remainingMillis) throws Json.Malformed {
    Answer answer = answer(request -> new CompletableFuture<>(), new TestContext(remainingMillis));
    assertThat(answer.status()).isEqualTo(504);
    assertThat(String.valueOf(answer.body().get("detail")))
        .contains("Idempotency-Key")
        .contains("If-Match");
    assertThat(answer.line()).containsEntry("level", new Json.Str("WARN"));
  }

  @Test
  void whatEndedBeforeItsTimeWasUpIsAnsweredAllTheSame() throws Json.Malformed {
    Answer answer =
        answer(request -> CompletableFuture.completedFuture(Reply.empty(204)), new TestContext(0));
    assertThat(answer.status()).isEqualTo(204);
  }

  @Test
  void aDeadlineThatPassedBelowIs504Too() throws Json.Malformed {
    assertThat(answer(request -> CompletableFuture.failedFuture(new DeadlineExceeded())).status())
        .isEqualTo(504);
  }

  @Test
  void theHandlersDeadlineIsBeforeTheInvocationsEnd() throws Json.Malformed {
    answer(
        request -> {
          assertThat(request.deadline().remaining()).hasMillis(0);
          return CompletableFuture.completedFuture(Reply.empty(204));
        },
        new TestContext(300));
  }

  @Test
  void aProblemThatHidesAFailureLogsThatFailure() throws Json.Malformed {
    Problem told =
        Problem.of(new Unavailable("away")).withDetail("Error occurred: Service Unavailable");
    Answer answer =
        answer(request ->
            CompletableFuture.failedFuture(
                new ProblemException(told, new Unavailable("SQS answered 503"))));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body())
        .containsEntry("detail", new Json.Str("Error occurred: Service Unavailable"));
    assertThat(answer.headers()).containsKey("Retry-After");
    assertThat(answer.line())
        .containsEntry(
            "failure", new Json.Str("dev.asyncitems.call.Unavailable: SQS answered 503"));
  }

  @ParameterizedTest
  @EnumSource(ProblemType.class)
  void everyKindOfProblemHasAUriATitleAndAnErrorStatus(ProblemType type) {
    assertThat(type.uri()).matches("/problems/[a-z-]+");
    assertThat(type.title()).isNotBlank();
    assertThat(type.status()).isBetween(400, 599);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | HTTP API",
        "{\"routeKey\":\"GET /items\"} | HTTP API",
        "{\"routeKey\":\"GET /items\",\"requestContext\":null} | HTTP API",
        "{\"routeKey\":\"GET /items\",\"requestContext\":{\"http\":[]}} | HTTP API",
        "{\"version\":\"1.0\",\"httpMethod\":\"GET\",\"path\":\"/items\"} | HTTP API",
        "{\"Records\":[]} | HTTP API",
        "[] | not a JSON object",
        "'' | not a JSON object",
        "{\"routeKey\": | is not valid JSON, near line 1, column",
      })
  void anEventThatCannotBeReadIsAnsweredAndLogged(String event, String reason)
      throws Json.Malformed {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Printed printed = new Printed()) {
      new HttpShell(HttpShellTest::noContent, LOG)
          .handle(
              new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
              out,
              TestContext.AMPLE);
      Map<String, Json> response = members(Json.parse(out.toString(StandardCharsets.UTF_8)));
      assertThat(response).containsEntry("statusCode", new Json.Num("500"));
      assertThat(members(response.get("headers")))
          .containsEntry("Content-Type", new Json.Str("application/problem+json"));
      assertThat(((Json.Str) Objects.requireNonNull(response.get("body"))).value())
          .contains("/problems/internal-error")
          .contains("\"requestId\":\"-\"");
      assertThat(printed.lines()).hasSize(1);
      assertThat(printed.lines().getFirst())
          .containsEntry("level", new Json.Str("ERROR"))
          .containsEntry("route", new Json.Str("-"))
          .containsEntry("result", new Json.Str("server_error"));
      assertThat(String.valueOf(printed.lines().getFirst().get("failure"))).contains(reason);
    }
  }

  private static Json violation(String member, String name, String detail) {
    return new Json.Obj(Map.of(member, new Json.Str(name), "detail", new Json.Str(detail)));
  }

  private static Answer answer(Function<Request, CompletableFuture<Reply>> handler)
      throws Json.Malformed {
    return answer(handler, TestContext.AMPLE);
  }

  private static Answer answer(Function<Request, CompletableFuture<Reply>> handler, Context context)
      throws Json.Malformed {
    try (Printed printed = new Printed()) {
      Map<String, Json> response = members(Json.parse(handle(handler, context)));
      assertThat(response.toString()).doesNotContain(SECRET);
      String body = response.get("body") instanceof Json.Str(String value) ? value : "{}";
      assertThat(printed.lines()).hasSize(1);
      return new Answer(
          response.get("statusCode") instanceof Json.Num(String status)
              ? Integer.parseInt(status)
              : 0,
          members(response.get("headers")),
          members(Json.parse(body)),
          printed.lines().getFirst());
    }
  }

  private static String handle(
      Function<Request, CompletableFuture<Reply>> handler, Context context) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new HttpShell(handler, new Log("GetThing", CLOCK))
        .handle(
            TestEvent.of("GET", "/things/a b")
                .query("token=" + SECRET)
                .header("authorization", SECRET)
                .header("X-Amzn-Trace-Id", "Self=" + SECRET + ";Root=" + TRACE_OF_THE_GATEWAY)
                .body(SECRET)
                .stream(),
            out,
            context);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Map<String, Json> members(@Nullable Json value) {
    return value instanceof Json.Obj(Map<String, Json> members) ? members : Map.of();
  }
}
