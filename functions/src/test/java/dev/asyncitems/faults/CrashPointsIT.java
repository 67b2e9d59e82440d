package dev.asyncitems.faults;

import static dev.asyncitems.system.Backend.CONSUMER;
import static dev.asyncitems.system.Backend.DEAD_LETTERS;
import static dev.asyncitems.system.Backend.QUEUE;
import static dev.asyncitems.system.Backend.RELAY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.faults.Events.Reply;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.outbox.Redelivery;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;

/**
 * Kills functions at every possible point: before each step, after each step, and before the
 * answer. Then a new environment handles the next try of the client, the queue or the schedule.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class CrashPointsIT {
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final Duration MESSAGE_LIFE =
      new Redelivery(Duration.ofMinutes(3), 8, Random::new).messageLife();

  // ---- steps, as calls of the SDK ---------------------------------------------------------------

  private static final String READ = "read the row";
  private static final String WRITE = "write in a transaction";
  private static final String SEND = "send the message";
  private static final String LOG = "log the row";
  private static final String RECORD_FAILURE = "record the failed attempt";
  private static final String FAIL = "mark the row failed";
  private static final String LEASE = "lease the entry";
  private static final String BURY = "send the dead letter";
  private static final String DELAY = "delay the next delivery";
  private static final String FIND = "find what is due";

  /** Every path through the functions that write, with its steps in order. */
  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable.
  enum Route {
    CREATE("CreateItem", WRITE),
    CREATE_WITH_KEY("CreateItem", WRITE),
    REPLACE("ReplaceItem", READ, WRITE),
    REPLACE_IF_MATCH("ReplaceItem", READ, WRITE),
    PATCH("PatchItem", READ, WRITE),
    PATCH_IF_MATCH("PatchItem", READ, WRITE),
    DELETE("DeleteItem", WRITE),
    DELETE_IF_MATCH("DeleteItem", READ, WRITE),
    SEND_BY_POST("SendNotification", WRITE, SEND),
    SEND_BY_POST_WITH_KEY("SendNotification", WRITE, SEND),
    SEND_BY_GET("SendNotification", WRITE, SEND),
    SEND_BY_GET_WITH_KEY("SendNotification", WRITE, SEND),
    RECORD_JOB(CONSUMER, LOG),
    RECORD_REPLAY_OF_A_FAILED_ONE(CONSUMER, LOG),
    RECORD_UNKNOWN_ID(CONSUMER, LOG, BURY),
    RECORD_MALFORMED(CONSUMER, BURY),
    // The SDK makes four attempts.
    RECORD_WHILE_THE_STORE_IS_AWAY(CONSUMER, LOG, LOG, LOG, LOG, RECORD_FAILURE, DELAY),
    RECORD_LAST_DELIVERY(CONSUMER, LOG, LOG, LOG, LOG, FAIL, DELAY),
    // The relay queries two shards.
    RELAY_JOB(RELAY, FIND, FIND, LEASE, SEND),
    RELAY_GIVES_UP(RELAY, FIND, FIND, FAIL, BURY);

    private final String function;
    private final List<String> steps;

    Route(String function, String... steps) {
      this.function = function;
      this.steps = List.of(steps);
    }
  }

  /** Functions that only read, so a crash loses nothing. */
  private static final Set<String> READERS =
      Set.of(
          "ListItems",
          "GetItem",
          "ListNotifications",
          "GetNotification",
          "GetData",
          "GetDocs",
          "UnmatchedRoute");

  /** When a function dies, relative to a step. */
  enum When {
    BEFORE,
    AFTER,
    BEFORE_ITS_ANSWER
  }

  /**
   * A point at which a function dies.
   *
   * @param step the step, or empty for the answer
   */
  record Point(Route route, When when, String step) {
    @Override
    public String toString() {
      return route + " " + when + " " + step;
    }
  }

  static Stream<Point> points() {
    List<Point> points = new ArrayList<>();
    for (Route route : Route.values()) {
      for (String step : new LinkedHashSet<>(route.steps)) {
        points.add(new Point(route, When.BEFORE, step));
        points.add(new Point(route, When.AFTER, step));
      }
      points.add(new Point(route, When.BEFORE_ITS_ANSWER, ""));
    }
    return points.stream();
  }

  private static String step(Call call) {
    return switch (call.action()) {
      case "GetItem" -> READ;
      case "TransactWriteItems" -> WRITE;
      case "SendMessage" -> call.body().contains("DeadLetter") ? BURY : SEND;
      case "SendMessageBatch" -> SEND;
      case "ChangeMessageVisibility" -> DELAY;
      case "Query" -> FIND;
      case "UpdateItem" -> update(call);
      default -> call.action();
    };
  }

  private static String update(Call call) {
    String update = Api.JSON.readTree(call.body()).required("UpdateExpression").asString();
    return update.contains("#loggedAt =")
        ? LOG
        : update.contains("#outbox =")
            ? FAIL
            : update.contains("#nextDispatchAt =") ? LEASE : RECORD_FAILURE;
  }

  private final TestClock clock = new TestClock();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private @Nullable LocalRun started;
  private @Nullable Backend opened;
  private byte[] tick = new byte[0];

  @BeforeAll
  void start() throws Exception {
    Embedded.assume();
    started = Lane.run().clock(clock).withoutPollers().start();
    opened = new Backend(started);
    tick = Files.readAllBytes(Path.of(System.getProperty("events"), "relay-outbox.json"));
  }

  @AfterAll
  void close() {
    threads.close();
    if (opened != null) {
      opened.close();
    }
    if (started != null) {
      started.close();
    }
  }

  private LocalRun run() {
    return Objects.requireNonNull(started);
  }

  private Backend backend() {
    return Objects.requireNonNull(opened);
  }

  private Api api() {
    return new Api(run().uri());
  }

  @Test
  void theTableHasEveryFunction() {
    Set<String> named =
        Stream.concat(Stream.of(Route.values()).map(route -> route.function), READERS.stream())
            .collect(Collectors.toSet());

    assertThat(run().template().functions())
        .extracting(Function::id)
        .containsExactlyInAnyOrderElementsOf(named);
  }

  @ParameterizedTest
  @EnumSource
  void theTableHasEveryStep(Route route) throws Exception {
    Situation situation = prepare(route);
    try (Sandbox sandbox = sandbox(route)) {
      sandbox.proxy().plan(call -> weather(route, call));
      byte[] answer = sandbox.invoke(situation.event(), AMPLE);

      List<String> steps = sandbox.proxy().calls().stream().map(CrashPointsIT::step).toList();
      assertThat(steps).isEqualTo(route.steps);
      situation.after().check(answer, true);
    }
  }

  @ParameterizedTest
  @MethodSource("points")
  void nothingIsLostOrDoneTwice(Point point) throws Exception {
    Situation situation = prepare(point.route());
    boolean[] effect = {false};
    die(point, situation.event(), effect);

    byte[] answer = run().invoke(point.route().function, situation.event());
    situation.after().check(answer, !effect[0]);
  }

  private Sandbox sandbox(Route route) {
    return Sandbox.of(run(), route.function, clock);
  }

  /** Runs a function up to a point, then kills it and blocks everything that it still does. */
  private void die(Point point, byte[] event, boolean[] effect) {
    CompletableFuture<Void> dead = new CompletableFuture<>();
    Sandbox sandbox = sandbox(point.route());
    sandbox
        .proxy()
        .plan(call -> {
          if (dead.isDone()) {
            return Fault.HANG;
          }
          if (!step(call).equals(point.step())) {
            return weather(point.route(), call);
          }
          return (same, engine) -> {
            if (point.when() == When.AFTER) {
              var answer = weather(point.route(), call).apply(same, engine);
              effect[0] |=
                  Set.of(WRITE, LOG, FAIL, LEASE).contains(point.step())
                      && answer.isPresent()
                      && answer.get().status() == 200;
            }
            dead.complete(null);
            return Fault.HANG.apply(same, engine);
          };
        });
    CompletableFuture<byte[]> answer =
        CompletableFuture.supplyAsync(() -> sandbox.invoke(event, AMPLE), threads);
    CompletableFuture.anyOf(dead, answer).join();
    assertThat(dead.isDone()).as("reaches " + point).isEqualTo(!point.step().isEmpty());
    sandbox.kill();
    // Also count the effects of the steps before this step.
    effect[0] |=
        point.when() == When.BEFORE_ITS_ANSWER
            || point
                .route()
                .steps
                .subList(0, Math.max(0, point.route().steps.indexOf(point.step())))
                .stream()
                .anyMatch(Set.of(WRITE, FAIL)::contains);
  }

  /** Returns the fault of a call that the path itself needs, apart from the crash. */
  private static Fault weather(Route route, Call call) {
    boolean away =
        (route == Route.RECORD_WHILE_THE_STORE_IS_AWAY || route == Route.RECORD_LAST_DELIVERY)
            && step(call).equals(LOG);
    return away ? Faults.UNAVAILABLE : Fault.PASS;
  }

  // ---- events and expected results of each path -------------------------------------------------

  /** A prepared event, and the checks after its answer, possibly after a crash. */
  private record Situation(String text, After after) {
    byte[] event() {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  private static Situation situation(byte[] event, After after) {
    return new Situation(new String(event, StandardCharsets.UTF_8), after);
  }

  @FunctionalInterface
  private interface After {
    /**
     * Checks the final state.
     *
     * @param answer the answer of the environment that survived
     * @param first whether the killed environment had no effect
     */
    void check(byte[] answer, boolean first) throws Exception;
  }

  private Situation prepare(Route route) throws Exception {
    if (!route.function.endsWith("Item")) {
      backend().deleteRows();
      backend().purge(QUEUE);
      backend().purge(DEAD_LETTERS);
    }
    String name = UUID.randomUUID().toString();
    return switch (route) {
      case CREATE -> create(name, Map.of());
      case CREATE_WITH_KEY -> create(name, Map.of("idempotency-key", name));
      case REPLACE -> change("PUT /items/{id}", "{\"name\":\"new\",\"price\":2}", Map.of());
      case REPLACE_IF_MATCH ->
          change("PUT /items/{id}", "{\"name\":\"new\",\"price\":2}", Map.of("if-match", "\"1\""));
      case PATCH -> change("PATCH /items/{id}", "{\"name\":\"new\"}", Map.of());
      case PATCH_IF_MATCH ->
          change("PATCH /items/{id}", "{\"name\":\"new\"}", Map.of("if-match", "\"1\""));
      case DELETE -> delete(Map.of());
      case DELETE_IF_MATCH -> delete(Map.of("if-match", "\"1\""));
      case SEND_BY_POST -> send(false, Map.of());
      case SEND_BY_POST_WITH_KEY -> send(false, Map.of("idempotency-key", name));
      case SEND_BY_GET -> send(true, Map.of());
      case SEND_BY_GET_WITH_KEY -> send(true, Map.of("idempotency-key", name));
      case RECORD_JOB -> record(accepted(), "queued");
      case RECORD_REPLAY_OF_A_FAILED_ONE -> record(accepted(), "failed");
      case RECORD_UNKNOWN_ID -> bury(Backend.job("019bc0fe-749b-79d1-ab7f-05c3d8e46a19"));
      case RECORD_MALFORMED -> bury(Backend.job("x").toBuilder().body("nonsense").build());
      case RECORD_WHILE_THE_STORE_IS_AWAY -> recoverLater(1);
      case RECORD_LAST_DELIVERY -> recoverLater(8);
      case RELAY_JOB -> relay();
      case RELAY_GIVES_UP -> giveUp();
    };
  }

  private Situation create(String name, Map<String, String> headers) {
    byte[] event =
        Events.http("POST /items", "", "", "{\"name\":\"" + name + "\",\"price\":1}", headers);
    return situation(
        event,
        (answer, first) -> {
          assertThat(Reply.of(answer).status()).isEqualTo(201);
          long there =
              backend().rows("Items").stream()
                  .filter(row -> Backend.text(row, "name").equals(name))
                  .count();
          // Without a key, a client's second request creates another item.
          assertThat(there).isEqualTo(first || !headers.isEmpty() ? 1 : 2);
        });
  }

  private JsonNode item() throws Exception {
    return api().send("POST", "/items", "{\"name\":\"old\",\"price\":1}").json();
  }

  private Situation change(String route, String body, Map<String, String> headers)
      throws Exception {
    String id = item().required("id").asString();
    return situation(
        Events.http(route, id, "", body, headers),
        (answer, first) -> {
          JsonNode now = api().get("/items/" + id).json();
          assertThat(now.required("name").asString()).isEqualTo("new");
          assertThat(Reply.of(answer).status()).isEqualTo(first || headers.isEmpty() ? 200 : 412);
          assertThat(now.required("version").asInt())
              .isEqualTo(first || !headers.isEmpty() ? 2 : 3);
        });
  }

  private Situation delete(Map<String, String> headers) throws Exception {
    String id = item().required("id").asString();
    byte[] event = Events.http("DELETE /items/{id}", id, "", "", headers);
    return situation(
        event,
        (answer, first) -> {
          assertThat(Reply.of(answer).status()).isEqualTo(first ? 204 : 404);
          assertThat(api().get("/items/" + id).status()).isEqualTo(404);
        });
  }

  private Situation send(boolean byGet, Map<String, String> headers) {
    byte[] event =
        byGet
            ? Events.http("GET /send-notification", "", "message=hello", "", headers)
            : Events.http("POST /notifications", "", "", "{\"message\":\"hello\"}", headers);
    return situation(
        event,
        (answer, first) -> {
          assertThat(Reply.of(answer).status()).isEqualTo(byGet ? 200 : 202);
          assertThat(backend().rows()).hasSize(first || !headers.isEmpty() ? 1 : 2);
          recover();
          assertThat(backend().rows()).allSatisfy(row -> assertLogged(row));
          assertThat(backend().visible(DEAD_LETTERS)).isZero();
        });
  }

  /** Runs the relay after the life of a message, then gives all messages to the consumer. */
  private void recover() {
    clock.advance(MESSAGE_LIFE);
    var _ = run().invoke(RELAY, tick);
    assertThat(backend().consume(backend().take(QUEUE, 20))).isEmpty();
  }

  private static void assertLogged(Map<String, AttributeValue> row) {
    assertThat(Backend.text(row, "status")).isEqualTo("done");
    assertThat(Backend.text(row, "attempts")).isEqualTo("1");
  }

  /** Accepts a notification whose message the queue loses, and returns its id. */
  private String accepted() throws Exception {
    String id = api().send("POST", "/notifications", "{\"message\":\"hello\"}").text("id");
    backend().purge(QUEUE);
    return id;
  }

  private Situation record(String id, String status) {
    if (status.equals("failed")) {
      Map<String, AttributeValue> row = new HashMap<>(backend().row(id));
      row.put("status", AttributeValue.fromS("failed"));
      row.put("failure", AttributeValue.fromS("the store was away"));
      backend().put(List.of(row));
    }
    return situation(
        Backend.batch(List.of(Backend.job(id))),
        (answer, first) -> {
          assertThat(Backend.failures(answer)).isEmpty();
          assertLogged(backend().row(id));
          assertThat(backend().row(id)).doesNotContainKey("failure");
        });
  }

  private Situation bury(Message job) {
    return situation(
        Backend.batch(List.of(job)),
        (answer, first) -> {
          assertThat(Backend.failures(answer)).isEmpty();
          List<Message> letters = backend().take(DEAD_LETTERS, 3);
          // A crash after sending the dead letter sends it again.
          assertThat(letters).hasSizeBetween(1, 2).allMatch(l -> l.body().equals(job.body()));
          assertThat(backend().rows()).isEmpty();
        });
  }

  /** Returns a delivery that fails. The message stays, and succeeds once the store is back. */
  private Situation recoverLater(int delivery) throws Exception {
    String id = accepted();
    Message job =
        Backend.job(id).toBuilder()
            .attributesWithStrings(Map.of("ApproximateReceiveCount", "" + delivery))
            .build();
    return situation(
        Backend.batch(List.of(job)),
        (answer, first) -> {
          String status = Backend.text(backend().row(id), "status");
          if (status.equals("done")) {
            // The second environment had a working store.
            assertThat(Backend.failures(answer)).isEmpty();
          } else {
            assertThat(Backend.failures(answer)).containsExactly(job.messageId());
            assertThat(status).isEqualTo(delivery == 8 ? "failed" : "queued");
            assertThat(backend().consume(List.of(Backend.job(id)))).isEmpty();
            assertThat(Backend.text(backend().row(id), "status")).isEqualTo("done");
          }
        });
  }

  private Situation relay() throws Exception {
    String id = accepted();
    clock.advance(MESSAGE_LIFE);
    return situation(
        tick,
        (answer, first) -> {
          assertThat(Backend.text(backend().row(id), "dispatches")).isEqualTo("1");
          List<Message> jobs = backend().take(QUEUE, 3);
          if (jobs.isEmpty()) {
            // The environment died between the lease and the message.
            clock.advance(MESSAGE_LIFE);
            var _ = run().invoke(RELAY, tick);
            jobs = backend().take(QUEUE, 3);
          }
          assertThat(jobs).hasSize(1).allMatch(job -> job.body().contains(id));
          assertThat(backend().consume(jobs)).isEmpty();
          assertLogged(backend().row(id));
        });
  }

  private Situation giveUp() throws Exception {
    String id = accepted();
    Map<String, AttributeValue> row = new HashMap<>(backend().row(id));
    row.put("dispatches", AttributeValue.fromN("12"));
    backend().put(List.of(row));
    clock.advance(MESSAGE_LIFE);
    return situation(
        tick,
        (answer, first) -> {
          assertThat(Backend.text(backend().row(id), "status")).isEqualTo("failed");
          assertThat(Backend.text(backend().row(id), "failure")).contains("12 times");
          // No dead letter exists if the environment died after marking the row.
          assertThat(backend().take(DEAD_LETTERS, 3))
              .hasSizeBetween(first ? 1 : 0, 1)
              .allMatch(letter -> letter.body().contains(id));
          assertThat(backend().consume(List.of(Backend.job(id)))).isEmpty();
          assertLogged(backend().row(id));
        });
  }
}
