package dev.asyncitems.system;

import static dev.asyncitems.system.LogLines.CANARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.FaultProxy.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The log lines of functions contain no client text, and follow a notification through all
 * functions.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class LogLinesIT {
  private static final String TRACE = "1-5759e988-bd862e3fe1be46a994272793";
  private static final String ITEM = "{\"name\":\"" + CANARY + "\",\"price\":1}";

  private final List<JsonNode> lines = new CopyOnWriteArrayList<>();
  private final FaultProxy dynamoDb;
  private final LocalRun run;
  private final AutoCloseable reading;
  private final Api api;

  LogLinesIT() throws IOException {
    dynamoDb = FaultProxy.open();
    run =
        Lane.run()
            .environment(Map.of("AWS_ENDPOINT_URL_DYNAMODB", dynamoDb.uri().toString()))
            .start();
    dynamoDb.target(run.dynamoDbEndpoint());
    api = new Api(run.uri());
    reading = LogLines.to(lines::add);
  }

  @BeforeEach
  void begin() {
    dynamoDb.heal();
    lines.clear();
  }

  @AfterAll
  void close() throws Exception {
    run.close();
    dynamoDb.close();
    reading.close();
    LogLines.check();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "GET"})
  void aNotificationIsFollowedFromItsRequestToItsLogLine(String method) throws Exception {
    String path = method.equals("GET") ? "/send-notification?message=" + CANARY : "/notifications";
    String body = method.equals("GET") ? "" : "{\"message\":\"" + CANARY + "\"}";

    Answer sent = api.send(method, path, body, "X-Amzn-Trace-Id", "Root=" + TRACE + ";Sampled=0");
    String id = sent.text("id");

    JsonNode request = line(line -> is(line, "request") && has(line, "notificationId", id));
    JsonNode message = line(line -> is(line, "message") && has(line, "notificationId", id));
    assertThat(message.path("requestId").asString("")).isEqualTo(text(request, "requestId"));
    assertThat(text(request, "traceId")).isEqualTo(TRACE);
    if (Lane.engine().can(Capability.TRACE_HEADERS)) {
      assertThat(message.path("traceId").asString("")).isEqualTo(TRACE);
    }
    assertThat(text(request, "invocationId")).isNotEqualTo(text(message, "invocationId"));
    assertThat(count(request, Metric.ACCEPTED)).isEqualTo(1);
    assertThat(count(message, Metric.DONE)).isEqualTo(1);
    assertThat(message.required(Metric.AGE.text()).asLong())
        .isBetween(0L, message.required("_aws").required("Timestamp").asLong());

    assertThat(api.get("/notifications/" + id).status()).isEqualTo(200);
    JsonNode read = line(line -> has(line, "route", "GET /notifications/{id}"));
    assertThat(text(read, "notificationId")).isEqualTo(id);
  }

  @Test
  void nothingThatAClientSendsIsLogged() throws Exception {
    String item = api.send("POST", "/items", ITEM).header("Location");
    List<Answer> answers = new ArrayList<>();
    for (String path :
        List.of(
            "/items?limit=" + CANARY,
            "/items?cursor=" + CANARY,
            "/items/" + CANARY,
            "/" + CANARY,
            "/notifications/" + CANARY,
            "/send-notification?message=" + CANARY + "%00",
            "/docs/" + CANARY,
            "/problems/" + CANARY)) {
      answers.add(
          api.get(
              path,
              "Authorization",
              "Bearer " + CANARY,
              "Cookie",
              "session=" + CANARY,
              "User-Agent",
              CANARY,
              "X-Amzn-Trace-Id",
              "Root=" + TRACE + ";Parent=" + CANARY + ";Lineage=" + CANARY));
    }
    for (String body : List.of(ITEM, "{\"" + CANARY, "{\"" + CANARY + "\":1}", CANARY)) {
      answers.add(api.send("PUT", item, body, "If-Match", "\"" + CANARY + "\""));
      answers.add(api.send("PATCH", item, body, "Content-Type", "text/" + CANARY));
      answers.add(api.send("POST", "/items", body, "Idempotency-Key", CANARY));
      answers.add(api.send("POST", "/notifications", body, "Idempotency-Key", CANARY + "é"));
      answers.add(api.send("POST", "/notifications", body, "Idempotency-Key", CANARY));
    }
    dynamoDb.always("TransactWriteItems", Fault.answer(400, error()));
    dynamoDb.always("PutItem", Fault.answer(400, error()));
    answers.add(api.send("POST", "/items", ITEM));
    answers.add(api.send("POST", "/notifications", "{\"message\":\"" + CANARY + "\"}"));

    assertThat(answers).extracting(Answer::status).contains(400, 404, 412, 415, 422, 201, 500);
    int sent = answers.size() + 1;
    await().until(() -> lines.stream().filter(line -> is(line, "request")).count() >= sent);
    assertThat(lines)
        .filteredOn(line -> is(line, "request"))
        .allMatch(line -> line.has("traceId"), "has the trace of the gateway");
    LogLines.check();
  }

  /** The engine's error quotes the request. */
  private static String error() {
    return "{\"__type\":\"ValidationException\",\"message\":\"" + CANARY + "\"}";
  }

  @Test
  void conflictsAreCounted() throws Exception {
    String item = api.send("POST", "/items", ITEM).header("Location");
    dynamoDb.next("TransactWriteItems", Fault.CONFLICT);
    Answer patched = api.send("PATCH", item, "{}", "Content-Type", "application/merge-patch+json");
    assertThat(patched.header("ETag")).isEqualTo("\"2\"");
    await().until(() -> sum("PatchItem", Metric.REQUESTS) == 1);
    assertThat(sum("PatchItem", Metric.STORE_CONFLICTS)).isEqualTo(1);
  }

  @Test
  void callsSentAgainAreCounted() throws Exception {
    dynamoDb.next("TransactWriteItems", Fault.UNAVAILABLE);
    assertThat(api.send("POST", "/items", ITEM).status()).isEqualTo(201);
    await().until(() -> sum("CreateItem", Metric.REQUESTS) == 1);
    assertThat(sum("CreateItem", Metric.STORE_RETRIES)).isEqualTo(1);
  }

  @Test
  void anIdempotencyKeyThatAnswersAgainIsCounted() throws Exception {
    String key = UUID.randomUUID().toString();
    for (int i = 0; i < 3; i++) {
      api.send("POST", "/items", ITEM, "Idempotency-Key", key);
      api.send("POST", "/notifications", "{\"message\":\"m\"}", "Idempotency-Key", key + "n");
    }
    await().until(() -> sum("CreateItem", Metric.REQUESTS) == 3);
    await().until(() -> sum("SendNotification", Metric.REQUESTS) == 3);
    assertThat(sum("CreateItem", Metric.IDEMPOTENT_REPLAYS)).isEqualTo(2);
    assertThat(sum("SendNotification", Metric.IDEMPOTENT_REPLAYS)).isEqualTo(2);
    assertThat(sum("SendNotification", Metric.ACCEPTED)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "[]",
        "{}",
        "{\"timestamp\":\"2026-01-15T09:32:00.123Z\",\"level\":\"INFO\",\"function\":\"GetItem\","
            + "\"message\":\"tick\",\"invocationId\":\"invocation-1\",\"outcome\":\"canary\","
            + "\"durationMs\":1}",
        "{\"timestamp\":\"2026-01-15T09:32:00.123Z\",\"level\":\"INFO\",\"function\":\"GetItem\","
            + "\"message\":\"tick\",\"invocationId\":\"invocation-1\",\"outcome\":\"ok\","
            + "\"durationMs\":1,\"body\":\"b\"}",
        "{\"timestamp\":\"2026-01-15T09:32:00.123Z\",\"level\":\"INFO\",\"function\":\"GetItem\","
            + "\"message\":\"tick\",\"invocationId\":\"invocation-1\",\"outcome\":\"hello\","
            + "\"durationMs\":1}",
        "{\"timestamp\":\"2026-01-15T09:32:00.123Z\",\"level\":\"INFO\",\"function\":\"GetItem\","
            + "\"message\":\"tick\",\"outcome\":\"ok\",\"durationMs\":1}"
      })
  void aLineOfAnotherFormIsSeen(String line) {
    assertThat(LogLines.fault(line)).isNotNull();
  }

  @Test
  void aLineOfAnotherFormFailsTheCheck() {
    LogLines.check();
    System.out.println("{\"body\":\"hello\"}");
    assertThatThrownBy(LogLines::check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("hello");
    lines.clear();
  }

  private JsonNode line(Predicate<JsonNode> which) {
    return await()
        .until(() -> lines.stream().filter(which).findFirst(), found -> found.isPresent())
        .orElseThrow();
  }

  private long sum(String function, Metric metric) {
    return lines.stream()
        .filter(line -> has(line, "function", function))
        .mapToLong(line -> count(line, metric))
        .sum();
  }

  /** Returns the value that CloudWatch reads from a line. */
  private static long count(JsonNode line, Metric metric) {
    for (JsonNode directive : line.path("_aws").path("CloudWatchMetrics")) {
      for (JsonNode named : directive.required("Metrics")) {
        if (text(named, "Name").equals(metric.text())) {
          return line.required(metric.text()).asLong();
        }
      }
    }
    return 0;
  }

  private static boolean is(JsonNode line, String message) {
    return has(line, "message", message);
  }

  private static boolean has(JsonNode line, String name, String value) {
    return line.path(name).asString("").equals(value);
  }

  private static String text(JsonNode line, String name) {
    return line.required(name).asString();
  }
}
