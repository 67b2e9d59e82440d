package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.FaultProxy.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The summary over HTTP, with working parts and with failing parts. */
@TestInstance(Lifecycle.PER_CLASS)
final class DataIT {
  private final FaultProxy dynamoDb;
  private final FaultProxy sqs;
  private final LocalRun run;
  private final Backend backend;
  private final Api api;

  DataIT() throws Exception {
    dynamoDb = FaultProxy.open();
    sqs = FaultProxy.open();
    run =
        Lane.run()
            .withoutPollers()
            .environment(
                "GetData",
                Map.of(
                    "AWS_ENDPOINT_URL_DYNAMODB", dynamoDb.uri().toString(),
                    "AWS_ENDPOINT_URL_SQS", sqs.uri().toString()))
            .start();
    dynamoDb.target(run.dynamoDbEndpoint());
    sqs.target(run.sqsEndpoint());
    backend = new Backend(run);
    api = new Api(run.uri());
  }

  /** Creates more rows than the summary holds. */
  @BeforeAll
  void fill() throws Exception {
    Answer empty = api.get("/data");
    assertThat(empty.status()).as(empty.toString()).isEqualTo(200);
    assertThat(empty.text())
        .isEqualTo(
            "{\"result\":{\"items\":[],\"notifications\":[],"
                + "\"queue\":{\"queued\":0,\"inFlight\":0,\"delayed\":0}}}");
    for (int i = 0; i < 12; i++) {
      assertThat(api.send("POST", "/items", "{\"name\":\"Lamp\",\"price\":" + i + "}").status())
          .isEqualTo(201);
      assertThat(api.send("POST", "/notifications", "{\"message\":\"n" + i + "\"}").status())
          .isEqualTo(202);
    }
  }

  @AfterEach
  void heal() {
    dynamoDb.heal();
    sqs.heal();
  }

  @AfterAll
  void close() {
    backend.close();
    run.close();
    dynamoDb.close();
    sqs.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/data", "/data/"})
  void givesTheTenNewestOfEach(String path) throws Exception {
    JsonNode items = api.get("/items?limit=10").json().required("items");
    JsonNode notifications = api.get("/notifications?limit=10").json().required("notifications");
    assertThat(items.get(0).required("price").asInt()).isEqualTo(11);
    assertThat(notifications.get(0).required("message").asString()).isEqualTo("n11");
    assertThat(items.size() + notifications.size()).isEqualTo(20);

    Answer data = api.get(path);

    assertThat(data.status()).isEqualTo(200);
    assertThat(data.header("Content-Type")).isEqualTo("application/json");
    assertThat(data.json().propertyNames()).containsExactly("result");
    JsonNode result = data.json().required("result");
    assertThat(result.propertyNames()).containsExactly("items", "notifications", "queue");
    assertThat(result.required("items")).isEqualTo(items);
    assertThat(result.required("notifications")).isEqualTo(notifications);
  }

  @Test
  void countsTheMessagesOfTheQueue() throws Exception {
    JsonNode before = queue();
    assertThat(before.required("queued").asInt()).isEqualTo(12 - backend.inFlight(Backend.QUEUE));

    var taken = backend.take(Backend.QUEUE, 3);
    backend.send(Backend.QUEUE, "{}", Duration.ofMinutes(15));

    assertThat(taken).hasSize(3);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(queue()).hasToString("{\"queued\":9,\"inFlight\":3,\"delayed\":1}"));
  }

  @Test
  void asksAllPartsAtOnce() throws Exception {
    // Two shards of two tables, and the queue.
    Set<String> parts = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(5);
    Fault meet =
        (call, engine) -> {
          if (parts.add(call.action() + call.body())) {
            all.countDown();
          }
          all.await();
          return Fault.PASS.apply(call, engine);
        };
    dynamoDb.always("Query", meet);
    sqs.always("GetQueueAttributes", meet);

    Answer data = api.get("/data");

    assertThat(data.status()).as(data.toString()).isEqualTo(200);
    assertThat(parts).hasSize(5);
  }

  @Test
  void isUnavailableWhileTheQueueIsAway() throws Exception {
    sqs.always(call -> true, Fault.REFUSE);

    assertUnavailable(api.get("/data"));
  }

  @Test
  void isUnavailableWhileTheStoreIsAway() throws Exception {
    dynamoDb.always(call -> true, Fault.UNAVAILABLE);

    assertUnavailable(api.get("/data"));
  }

  @Test
  void isUnavailableWhileTheStoreThrottles() throws Exception {
    dynamoDb.always(
        call -> call.body().contains(run.tableName("Notifications")),
        Fault.answer(
            400,
            "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\","
                + "\"message\":\"secret\"}"));

    assertUnavailable(api.get("/data"));
  }

  private static void assertUnavailable(Answer answer) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
    assertProblem(answer, "/problems/unavailable", "Service Unavailable");
  }

  @Test
  void saysNoMoreThanThatItFailedWhenTheStoreRefuses() throws Exception {
    dynamoDb.always(
        call -> true,
        Fault.answer(
            400,
            "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\","
                + "\"Message\":\"secret\"}"));

    Answer answer = api.get("/data");

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.text()).doesNotContain("secret", "Exception");
    assertProblem(answer, "/problems/internal-error", "Internal Server Error");
  }

  private static void assertProblem(Answer answer, String type, String title) {
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(answer.text("type")).isEqualTo(type);
    assertThat(answer.text("title")).isEqualTo(title);
    assertThat(answer.text("detail")).isEqualTo("Error occurred: " + title);
    assertThat(answer.text("instance")).isEqualTo("/data");
    assertThat(answer.text("requestId")).isNotEmpty();
    assertThat(answer.json().has("violations")).isFalse();
  }

  @Test
  void answersInTimeWhenAPartHangs() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    sqs.always(call -> true, Fault.hold(never));
    byte[] event = Files.readAllBytes(Path.of(System.getProperty("events"), "get-data.json"));

    byte[] answer = run.invoke("GetData", event, Duration.ofSeconds(2));

    never.countDown();
    JsonNode response = Api.JSON.readTree(new String(answer, StandardCharsets.UTF_8));
    assertThat(response.required("statusCode").asInt()).isEqualTo(504);
    assertThat(
            Api.JSON.readTree(response.required("body").asString()).required("detail").asString())
        .isEqualTo("Error occurred: Gateway Timeout");
  }

  private JsonNode queue() throws Exception {
    return api.get("/data").json().required("result").required("queue");
  }
}
