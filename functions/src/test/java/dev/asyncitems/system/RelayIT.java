package dev.asyncitems.system;

import static dev.asyncitems.system.Backend.DEAD_LETTERS;
import static dev.asyncitems.system.Backend.QUEUE;
import static dev.asyncitems.system.Backend.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.RunListener;
import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The relay, by a clock that the tests move, with no consumer: what is enqueued stays. */
@TestInstance(Lifecycle.PER_CLASS)
final class RelayIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestClock clock = new TestClock();
  private final Map<String, Boolean> ticks = new ConcurrentHashMap<>();
  private final FaultProxy sqs;
  private final LocalRun run;
  private final Backend backend;
  private final Api api;
  private final byte[] tick;
  private final List<JsonNode> lines = new CopyOnWriteArrayList<>();
  private final AutoCloseable reading = LogLines.to(lines::add);

  RelayIT() throws Exception {
    sqs = FaultProxy.open();
    Map<String, String> throughProxy = Map.of("AWS_ENDPOINT_URL_SQS", sqs.uri().toString());
    run =
        Lane.run()
            .clock(clock)
            .withoutPollers()
            .environment(RELAY, throughProxy)
            .environment("SendNotification", throughProxy)
            .listener(
                new RunListener() {
                  @Override
                  public void tick(
                      String functionId, String scheduleId, boolean succeeded, Duration time) {
                    ticks.put(functionId, succeeded);
                  }
                })
            .start();
    sqs.target(run.sqsEndpoint());
    backend = new Backend(run);
    api = new Api(run.uri());
    tick = Files.readAllBytes(Path.of(System.getProperty("events"), "relay-outbox.json"));
  }

  /** Nothing waits but what the test sends. */
  @BeforeEach
  void healAndEmpty() {
    sqs.heal();
    sqs.calls().clear();
    ticks.clear();
    lines.clear();
    backend.deleteRows();
    backend.empty(QUEUE);
    backend.empty(DEAD_LETTERS);
  }

  @AfterAll
  void close() throws Exception {
    reading.close();
    backend.close();
    run.close();
    sqs.close();
  }

  @Test
  void enqueuesWhatStillWaitsWhenItsTurnHasCome() throws Exception {
    String id = send("wait");
    assertThat(backend.take(QUEUE, 1)).hasSize(1);

    clock.advance(MINUTE.minusMillis(1));
    assertThat(relay()).hasToString("{\"due\":0,\"enqueued\":0,\"refused\":0,\"gaveUp\":0}");
    clock.advance(Duration.ofMillis(1));
    assertThat(relay()).hasToString("{\"due\":1,\"enqueued\":1,\"refused\":0,\"gaveUp\":0}");

    List<Message> jobs = backend.take(QUEUE, 2);
    assertThat(jobs).extracting(Message::body).containsExactly("{\"id\":\"" + id + "\"}");
    assertThat(backend.consume(jobs)).isEmpty();
    clock.advance(Duration.ofDays(1));
    assertThat(relay()).hasToString("{\"due\":0,\"enqueued\":0,\"refused\":0,\"gaveUp\":0}");
  }

  @Test
  @Needs(Capability.TRACE_HEADERS)
  void whatItSendsAndGivesUpIsFollowedByTheRequestItCameOf() throws Exception {
    String trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0";
    String id =
        api.send("POST", "/notifications", "{\"message\":\"m\"}", "X-Amzn-Trace-Id", trace)
            .text("id");
    backend.empty(QUEUE);
    for (int turn = 0; turn < 13; turn++) {
      clock.advance(Duration.ofHours(1));
      relay();
    }

    String requestId = Backend.text(backend.row(id), "requestId");
    assertThat(requestId).isNotEmpty();
    Message job = backend.take(QUEUE, 1).getFirst();
    Message givenUp = backend.take(DEAD_LETTERS, 1).getFirst();
    for (Message message : List.of(job, givenUp)) {
      assertThat(message.messageAttributes())
          .hasEntrySatisfying(
              "requestId", value -> assertThat(value.stringValue()).isEqualTo(requestId));
      assertThat(message.attributesAsStrings()).containsEntry("AWSTraceHeader", trace);
    }
    assertThat(Backend.reason(givenUp)).contains("12 times");
    assertThat(backend.consume(List.of(job))).isEmpty();

    lines.removeIf(line -> !line.path("notificationId").asString("").equals(id));
    assertThat(lines)
        .extracting(line -> line.path("outcome").asString(""))
        .startsWith("ok", "relayed")
        .endsWith("relayed", "failed", "logged")
        .hasSize(15);
    assertThat(lines)
        .allSatisfy(line -> {
          assertThat(line.path("requestId").asString("")).isEqualTo(requestId);
          assertThat(trace).contains(line.path("traceId").asString("none"));
        });
    assertThat(lines.getLast().path(Metric.REPLAYED.text()).asInt(0)).isEqualTo(1);
    assertThat(lines.getLast().path(Metric.AGE.text()).asLong(0))
        .isEqualTo(Duration.ofHours(13).toMillis());
    LogLines.check();
  }

  @Test
  void ofRowsAndJobsThatTheLastVersionWroteThereIsNoSuchId() throws Exception {
    String id = send("before");
    Map<String, AttributeValue> row = new HashMap<>(backend.row(id));
    row.remove("requestId");
    row.remove("traceHeader");
    backend.put(List.of(row));
    backend.empty(QUEUE);
    clock.advance(MINUTE);
    assertThat(relay()).hasToString("{\"due\":1,\"enqueued\":1,\"refused\":0,\"gaveUp\":0}");

    Message job = backend.take(QUEUE, 1).getFirst();
    assertThat(job.messageAttributes()).isEmpty();
    assertThat(backend.consume(List.of(job))).isEmpty();
    assertThat(status(id)).isEqualTo("logged");
    LogLines.check();
  }

  @Test
  void acceptsNotificationsWhileTheQueueIsAwayAndItsTickFails() throws Exception {
    sqs.always(call -> true, Fault.REFUSE);
    String posted = send("posted");
    Answer got = api.get("/send-notification?message=got");
    assertThat(got.status()).isEqualTo(200);
    List<Map<String, AttributeValue>> rows = backend.rows();
    clock.advance(MINUTE);

    assertThatThrownBy(this::relay).isInstanceOf(InvocationException.class);
    assertThat(run.fireDueSchedules()).containsExactly(RELAY);

    assertThat(ticks).containsEntry(RELAY, false);
    assertThat(backend.visible(QUEUE)).isZero();
    assertThat(backend.rows()).containsExactlyInAnyOrderElementsOf(rows);
    sqs.heal();
    clock.advance(MINUTE);
    assertThat(run.fireDueSchedules()).containsExactly(RELAY);
    assertThat(ticks).containsEntry(RELAY, true);
    assertThat(backend.consume(backend.take(QUEUE, 3))).isEmpty();
    assertThat(status(posted)).isEqualTo("logged");
    assertThat(status(got.text("id"))).isEqualTo("logged");
  }

  @Test
  void acceptsNotificationsWhileTheQueueHangs() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    sqs.always(call -> true, Fault.hold(never));
    long begin = System.nanoTime();

    String id = send("hanging");

    // one second for the queue, and not the whole of the function's ten
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    assertThat(status(id)).isEqualTo("queued");
    sqs.heal();
    never.countDown();
  }

  @Test
  void doesNotMoveTheTurnOfAJobThatTheQueueRefused() throws Exception {
    Set<String> ids = Set.of(send("one"), send("two"), send("three"));
    Map<String, Map<String, AttributeValue>> before = rowsById();
    List<String> refused = new ArrayList<>();
    sqs.next("SendMessageBatch", refuseTheFirst(refused));
    clock.advance(MINUTE);

    assertThat(relay()).hasToString("{\"due\":3,\"enqueued\":2,\"refused\":1,\"gaveUp\":0}");

    assertThat(refused).hasSize(1);
    for (String id : ids) {
      Map<String, AttributeValue> row = backend.row(id);
      if (refused.contains(id)) {
        assertThat(row).isEqualTo(before.get(id));
      } else {
        assertThat(Backend.text(row, "dispatches")).isEqualTo("1");
        assertThat(turn(row)).isEqualTo(clock.instant().plus(MINUTE));
      }
    }
    assertThat(relay()).hasToString("{\"due\":1,\"enqueued\":1,\"refused\":0,\"gaveUp\":0}");
  }

  // SQS takes a part of a batch and says which.
  private static Fault refuseTheFirst(List<String> refused) {
    return (call, engine) -> {
      var answered = engine.call();
      ObjectNode answer = (ObjectNode) Api.JSON.readTree(answered.body());
      JsonNode entry = ((ArrayNode) answer.required("Successful")).remove(0);
      refused.add(entry.required("Id").asString());
      answer
          .putArray("Failed")
          .addObject()
          .put("Id", refused.getFirst())
          .put("Code", "InternalError")
          .put("SenderFault", false);
      return Optional.of(
          new FaultProxy.Answered(answered.status(), answered.type(), answer.toString()));
    };
  }

  @Test
  @Needs(Capability.ATOMIC_CONDITIONS)
  void movesATurnOnceThoughTicksOverlap() throws Exception {
    String id = send("overlap");
    clock.advance(MINUTE);
    CountDownLatch otherIsDone = new CountDownLatch(1);
    sqs.next("SendMessageBatch", Fault.hold(otherIsDone));

    CompletableFuture<JsonNode> one = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> one.completeAsync(this::relay, Runnable::run));
    await().until(() -> sqs.calls().stream().anyMatch(Call.of("SendMessageBatch")));
    clock.advance(Duration.ofSeconds(10));
    JsonNode other = relay();
    otherIsDone.countDown();

    // both saw it due, and both enqueued its job, which does no harm
    assertThat(other).hasToString("{\"due\":1,\"enqueued\":1,\"refused\":0,\"gaveUp\":0}");
    assertThat(one.join()).isEqualTo(other);
    // and the one that was late moved nothing
    assertThat(Backend.text(backend.row(id), "dispatches")).isEqualTo("1");
    assertThat(turn(backend.row(id))).isEqualTo(clock.instant().plus(MINUTE));
    assertThat(backend.consume(backend.take(QUEUE, 3))).isEmpty();
    assertThat(api.get("/notifications/" + id).json().required("attempts").asInt()).isEqualTo(1);
  }

  @Test
  void givesUpAfterTwelveTurnsAndDeadLettersTheJob() throws Exception {
    String id = send("hopeless");
    List<Long> pauses = new ArrayList<>();
    backend.empty(QUEUE);
    for (int turns = 1; turns <= 12; turns++) {
      Duration pause = Duration.between(clock.instant(), turn(backend.row(id)));
      pauses.add(pause.toMinutes());
      clock.advance(pause);
      assertThat(relay()).hasToString("{\"due\":1,\"enqueued\":1,\"refused\":0,\"gaveUp\":0}");
      assertThat(Backend.text(backend.row(id), "dispatches")).isEqualTo(String.valueOf(dispatches));
    }
    assertThat(pauses).containsExactly(1L, 1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L, 60L, 60L);
    assertThat(backend.visible(QUEUE)).isEqualTo(12);
    clock.advance(Duration.ofHours(1));

    assertThat(relay()).hasToString("{\"due\":1,\"enqueued\":0,\"refused\":0,\"gaveUp\":1}");

    JsonNode failed = api.get("/notifications/" + id).json();
    assertThat(failed.required("status").asString()).isEqualTo("failed");
    assertThat(failed.required("failure").asString())
        .isEqualTo("not logged although its job was enqueued 12 times");
    assertThat(listed("failed")).containsExactly(id);
    assertThat(listed("queued")).isEmpty();
    assertThat(backend.visible(QUEUE)).isEqualTo(12);
    List<Message> letters = backend.take(DEAD_LETTERS, 2);
    assertThat(letters).hasSize(1);
    assertThat(letters.getFirst().body()).isEqualTo("{\"id\":\"" + id + "\"}");
    assertThat(Backend.reason(letters.getFirst()))
        .isEqualTo("not logged although its job was enqueued 12 times");
    clock.advance(Duration.ofDays(1));
    assertThat(relay()).hasToString("{\"due\":0,\"enqueued\":0,\"refused\":0,\"gaveUp\":0}");
    assertThat(backend.consume(letters)).isEmpty();
    assertThat(status(id)).isEqualTo("logged");
  }

  @Test
  void leavesARowQueuedWhoseJobCouldNotBeDeadLettered() throws Exception {
    String id = send("hopeless");
    Map<String, AttributeValue> row = new HashMap<>(backend.row(id));
    row.put("dispatches", AttributeValue.fromN("12"));
    backend.put(List.of(row));
    sqs.always("SendMessage", Fault.REFUSE);
    clock.advance(MINUTE);

    assertThatThrownBy(this::relay).isInstanceOf(InvocationException.class);

    assertThat(backend.row(id)).isEqualTo(row);
    sqs.heal();
    assertThat(relay()).hasToString("{\"due\":1,\"enqueued\":0,\"refused\":0,\"gaveUp\":1}");
  }

  @Test
  @Needs(Capability.TEN_THOUSAND_ROWS)
  void sendsNoneOfTenThousandThatWaitForFiveMinutesMoreThanThreeTimes() throws Exception {
    int waiting = 10_000;
    TestClock ownClock = new TestClock();
    try (LocalRun ownRun = Lane.run().clock(ownClock).withoutPollers().start();
        Backend own = new Backend(ownRun)) {
      String first = send(new Api(ownRun.uri()), "the first of many");
      List<Map<String, AttributeValue>> rows = new ArrayList<>(List.of(own.row(first)));
      while (rows.size() < waiting) {
        rows.add(another(rows.getFirst()));
      }
      own.put(rows);
      own.empty(QUEUE);

      int enqueued = 0;
      for (int minute = 1; minute <= 5; minute++) {
        ownClock.advance(MINUTE);
        JsonNode report = relay(ownRun);
        assertThat(report.required("due").asInt()).isBetween(1, 4_000);
        assertThat(report.required("enqueued")).isEqualTo(report.required("due"));
        enqueued += report.required("enqueued").asInt();
      }

      List<Integer> turns =
          own.rows().stream().map(row -> Integer.valueOf(Backend.text(row, "dispatches"))).toList();
      assertThat(turns).hasSize(waiting).allMatch(times -> times >= 1 && times <= 3);
      // as many jobs as turns: no row's job was sent without its turn being moved
      assertThat(turns.stream().mapToInt(Integer::intValue).sum())
          .isEqualTo(enqueued)
          .isEqualTo(own.visible(QUEUE));
    }
  }

  /** The row of a notification that was sent at the same moment. */
  private static Map<String, AttributeValue> another(Map<String, AttributeValue> row) {
    String id = Backend.text(row, "id");
    UUID random = UUID.randomUUID();
    String otherId = id.substring(0, 15) + random.toString().substring(15);
    long shard = Math.floorMod(UUID.fromString(otherId).getLeastSignificantBits(), 2L);
    Map<String, AttributeValue> other = new HashMap<>(row);
    other.put("id", AttributeValue.fromS(otherId));
    other.put("shard", AttributeValue.fromN(String.valueOf(shard)));
    other.put("outbox", AttributeValue.fromS("queued#" + shard));
    other.put(
        "nextDispatchAt", AttributeValue.fromS(Backend.text(row, "nextDispatchAt").replace(id, otherId)));
    return other;
  }

  @Test
  @Needs(Capability.STOP_AND_START)
  void logsWhatWasAcceptedWhileSqsWasStoppedWithin150SecondsWithoutHelp() throws Exception {
    TestClock ownClock = new TestClock();
    try (LocalRun ownRun = Lane.run().clock(ownClock).listener(RunListener.SILENT).start()) {
      Api own = new Api(ownRun.uri());
      Instant begin = ownClock.instant();
      ownRun.stopSqs();
      List<Answer> accepted = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ownClock.advance(Duration.ofSeconds(3));
        accepted.add(own.send("POST", "/notifications", "{\"message\":\"n\"}"));
      }
      assertThat(accepted).extracting(Answer::status).containsOnly(202);
      assertThat(ownRun.fireDueSchedules()).isEmpty();
      ownRun.startSqs();

      while (ownClock.instant().isBefore(begin.plusSeconds(150))) {
        ownClock.advance(Duration.ofSeconds(15));
        ownRun.fireDueSchedules();
      }

      for (Answer each : accepted) {
        await()
            .atMost(Duration.ofSeconds(10))
            .untilAsserted(() ->
                assertThat(own.get(each.header("Location")).text("status")).isEqualTo("logged"));
      }
    }
  }

  private String send(String message) throws Exception {
    return send(api, message);
  }

  private static String send(Api api, String message) throws Exception {
    Answer accepted =
        api.send("POST", "/notifications", Api.JSON.writeValueAsString(Map.of("message", message)));
    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    return accepted.text("id");
  }

  private JsonNode relay() {
    return relay(run);
  }

  private JsonNode relay(LocalRun run) {
    return Api.JSON.readTree(new String(run.invoke(RELAY, tick), StandardCharsets.UTF_8));
  }

  private String status(String id) throws Exception {
    return api.get("/notifications/" + id).text("status");
  }

  private List<String> listed(String status) throws Exception {
    List<String> ids = new ArrayList<>();
    api.get("/notifications?status=" + status)
        .json()
        .required("notifications")
        .forEach(row -> ids.add(row.required("id").asString()));
    return ids;
  }

  private Map<String, Map<String, AttributeValue>> rowsById() {
    return backend.rows().stream()
        .collect(Collectors.toMap(row -> Backend.text(row, "id"), row -> row));
  }

  private static Instant turn(Map<String, AttributeValue> row) {
    String at = Backend.text(row, "nextDispatchAt");
    return Instant.parse(at.substring(0, at.indexOf('#')));
  }
}
