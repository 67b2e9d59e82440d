package dev.asyncitems.system;

import static dev.asyncitems.system.Backend.DEAD_LETTERS;
import static dev.asyncitems.system.Backend.QUEUE;
import static dev.asyncitems.system.Backend.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.local.invocation.RunListener;
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

/** The relay without a consumer, so messages stay in the queue. Tests move the clock. */
@TestInstance(Lifecycle.PER_CLASS)
final class RelayIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration MESSAGE_LIFE = ProjectTemplate.messageLife();

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

  /** Removes all faults and messages, so that each test sees only its own messages. */
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
  void dispatchesAnEntryAfterTheLongestLifeOfItsMessage() throws Exception {
    String id = send("wait");
    assertThat(backend.take(QUEUE, 1)).hasSize(1);

    clock.advance(MESSAGE_LIFE.minusMillis(1));
    assertThat(relay()).hasToString("{\"due\":0,\"sent\":0,\"notSent\":0,\"gaveUp\":0}");
    clock.advance(Duration.ofMillis(1));
    assertThat(relay()).hasToString("{\"due\":1,\"sent\":1,\"notSent\":0,\"gaveUp\":0}");

    List<Message> messages = backend.take(QUEUE, 2);
    assertThat(messages).extracting(Message::body).containsExactly("{\"id\":\"" + id + "\"}");
    assertThat(backend.consume(messages)).isEmpty();
    clock.advance(Duration.ofDays(1));
    assertThat(relay()).hasToString("{\"due\":0,\"sent\":0,\"notSent\":0,\"gaveUp\":0}");
  }

  @Test
  void aDeletedTaskIsNotDue() throws Exception {
    delete(send("deleted"));
    clock.advance(MESSAGE_LIFE);

    assertThat(relay()).hasToString("{\"due\":0,\"sent\":0,\"notSent\":0,\"gaveUp\":0}");
  }

  @Test
  void theMessageOfATaskThatIsDeletedDuringItsDispatchChangesNothing() throws Exception {
    String sent = send("deleted, then sent");
    backend.empty(QUEUE);
    clock.advance(MESSAGE_LIFE);
    sqs.always("SendMessageBatch", afterDeleting(sent, Fault.PASS));
    assertThat(relay()).hasToString("{\"due\":1,\"sent\":1,\"notSent\":0,\"gaveUp\":0}");
    Map<String, AttributeValue> tombstone = backend.row(sent);

    assertThat(backend.consume(backend.take(QUEUE, 1))).isEmpty();

    assertThat(backend.row(sent)).isEqualTo(tombstone);
    String unsent = send("deleted, then not sent");
    clock.advance(MESSAGE_LIFE);
    sqs.heal();
    sqs.always("SendMessageBatch", afterDeleting(unsent, Fault.REFUSE));
    assertThatThrownBy(this::relay).isInstanceOf(InvocationException.class);
    assertThat(backend.row(unsent)).containsKey("deletedAt").doesNotContainKey("nextDispatchAt");
  }

  private Fault afterDeleting(String id, Fault then) {
    return (call, engine) -> {
      if (!backend.row(id).containsKey("deletedAt")) {
        delete(id);
      }
      return then.apply(call, engine);
    };
  }

  private void delete(String id) throws Exception {
    assertThat(api.send("DELETE", "/notifications/" + id, "").status()).isEqualTo(204);
  }

  @Test
  @Needs(Capability.TRACE_HEADERS)
  void messagesAndDeadLettersOfTheRelayCarryTheTraceContextOfTheRequest() throws Exception {
    String trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0";
    String id =
        api.send("POST", "/notifications", "{\"message\":\"m\"}", "X-Amzn-Trace-Id", trace)
            .text("id");
    backend.empty(QUEUE);
    for (int run = 0; run < 13; run++) {
      clock.advance(MESSAGE_LIFE);
      relay();
    }

    String requestId = Backend.text(backend.row(id), "requestId");
    assertThat(requestId).isNotEmpty();
    Message message = backend.take(QUEUE, 1).getFirst();
    Message givenUp = backend.take(DEAD_LETTERS, 1).getFirst();
    for (Message one : List.of(message, givenUp)) {
      assertThat(one.messageAttributes())
          .hasEntrySatisfying(
              "requestId", value -> assertThat(value.stringValue()).isEqualTo(requestId));
      assertThat(one.attributesAsStrings()).containsEntry("AWSTraceHeader", trace);
    }
    assertThat(Backend.reason(givenUp)).contains("12 times");
    assertThat(backend.consume(List.of(message))).isEmpty();

    lines.removeIf(line -> !line.path("notificationId").asString("").equals(id));
    assertThat(lines)
        .extracting(line -> line.path("outcome").asString(""))
        .startsWith("ok", "dispatched")
        .endsWith("dispatched", "failed", "done")
        .hasSize(15);
    assertThat(lines)
        .allSatisfy(line -> {
          assertThat(line.path("requestId").asString("")).isEqualTo(requestId);
          assertThat(trace).contains(line.path("traceId").asString("none"));
        });
    assertThat(lines.getLast().path(Metric.REPLAYED.text()).asInt(0)).isEqualTo(1);
    assertThat(lines.getLast().path(Metric.AGE.text()).asLong(0))
        .isEqualTo(MESSAGE_LIFE.multipliedBy(13).toMillis());
    LogLines.check();
  }

  @Test
  void aRowWithoutATraceContextGivesAMessageWithoutOne() throws Exception {
    String id = send("before");
    Map<String, AttributeValue> row = new HashMap<>(backend.row(id));
    row.remove("requestId");
    row.remove("traceHeader");
    backend.put(List.of(row));
    backend.empty(QUEUE);
    clock.advance(MESSAGE_LIFE);
    assertThat(relay()).hasToString("{\"due\":1,\"sent\":1,\"notSent\":0,\"gaveUp\":0}");

    Message message = backend.take(QUEUE, 1).getFirst();
    assertThat(message.messageAttributes()).isEmpty();
    assertThat(backend.consume(List.of(message))).isEmpty();
    assertThat(status(id)).isEqualTo("logged");
    LogLines.check();
  }

  @Test
  void acceptsNotificationsWhileTheQueueIsAwayAndItsRunFails() throws Exception {
    sqs.always(call -> true, Fault.REFUSE);
    String posted = send("posted");
    Answer got = api.get("/send-notification?message=got");
    assertThat(got.status()).isEqualTo(200);
    clock.advance(MINUTE);

    assertThatThrownBy(this::relay).isInstanceOf(InvocationException.class);
    clock.advance(MINUTE);
    assertThat(run.fireDueSchedules()).containsExactly(RELAY);

    assertThat(ticks).containsEntry(RELAY, false);
    assertThat(backend.visible(QUEUE)).isZero();
    assertThat(backend.rows())
        .as("the outage uses up no dispatch")
        .hasSize(2)
        .noneMatch(row -> row.containsKey("dispatches"));
    sqs.heal();
    clock.advance(MINUTE);
    assertThat(run.fireDueSchedules()).containsExactly(RELAY);
    assertThat(ticks).containsEntry(RELAY, true);
    assertThat(backend.consume(backend.take(QUEUE, 3))).isEmpty();
    assertThat(status(posted)).isEqualTo("logged");
    assertThat(status(got.text("id"))).isEqualTo("logged");
  }

  @Test
  void aRequestThatIsRepeatedWithItsKeySendsTheMessageAgainWhileTheTaskIsQueued() throws Exception {
    String body = "{\"message\":\"once\"}";
    String[] key = {"Idempotency-Key", UUID.randomUUID().toString()};
    sqs.next("SendMessageBatch", Fault.HANG); // The environment dies with the request.
    Answer first = api.send("POST", "/notifications", body, key);
    assertThat(backend.visible(QUEUE)).isZero();

    Answer again = api.send("POST", "/notifications", body, key);

    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    List<Message> messages = backend.take(QUEUE, 2);
    assertThat(messages)
        .extracting(Message::body)
        .containsExactly("{\"id\":\"" + first.text("id") + "\"}");
    assertThat(backend.consume(messages)).isEmpty();
    assertThat(api.send("POST", "/notifications", body, key).status()).isEqualTo(202);
    assertThat(backend.visible(QUEUE)).as("the task is done").isZero();
  }

  @Test
  void acceptsNotificationsWhileTheQueueHangs() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    sqs.always(call -> true, Fault.hold(never));
    long begin = System.nanoTime();

    String id = send("hanging");

    // The queue takes one second, not all ten seconds of the function.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    assertThat(status(id)).isEqualTo("queued");
    sqs.heal();
    never.countDown();
    await().until(() -> backend.visible(QUEUE) == 1); // The held call arrives in the end.
  }

  @Test
  void anEntryWhoseMessageTheQueueRejectedIsDueInAMinute() throws Exception {
    Set<String> ids = Set.of(send("one"), send("two"), send("three"));
    backend.empty(QUEUE);
    List<String> rejected = new ArrayList<>();
    sqs.next("SendMessageBatch", rejectTheFirst(rejected));
    clock.advance(MESSAGE_LIFE);

    assertThat(relay()).hasToString("{\"due\":3,\"sent\":2,\"notSent\":1,\"gaveUp\":0}");

    assertThat(rejected).hasSize(1);
    for (String id : ids) {
      Map<String, AttributeValue> row = backend.row(id);
      if (rejected.contains(id)) {
        assertThat(row).doesNotContainKey("dispatches");
        assertThat(nextDispatchAt(row)).isEqualTo(clock.instant().plus(MINUTE));
      } else {
        assertThat(Backend.text(row, "dispatches")).isEqualTo("1");
        assertThat(nextDispatchAt(row)).isEqualTo(clock.instant().plus(MESSAGE_LIFE));
      }
    }
    assertThat(lines)
        .anyMatch(
            line -> line.path("failure").asString("").contains("rejected a message: Internal"));
    clock.advance(MINUTE);
    assertThat(relay()).hasToString("{\"due\":1,\"sent\":1,\"notSent\":0,\"gaveUp\":0}");
  }

  // SQS accepts only a part of a batch.
  private static Fault rejectTheFirst(List<String> rejected) {
    return (call, engine) -> {
      var answered = engine.call();
      ObjectNode answer = (ObjectNode) Api.JSON.readTree(answered.body());
      JsonNode entry = ((ArrayNode) answer.required("Successful")).remove(0);
      rejected.add(entry.required("Id").asString());
      answer
          .putArray("Failed")
          .addObject()
          .put("Id", rejected.getFirst())
          .put("Code", "InternalError")
          .put("SenderFault", false);
      return Optional.of(
          new FaultProxy.Answered(answered.status(), answered.type(), answer.toString()));
    };
  }

  @Test
  @Needs(Capability.ATOMIC_CONDITIONS)
  void overlappingRunsSendAMessageOnce() throws Exception {
    String id = send("overlap");
    backend.empty(QUEUE);
    clock.advance(MESSAGE_LIFE);
    Instant due = clock.instant();
    CountDownLatch otherIsDone = new CountDownLatch(1);
    sqs.next("SendMessageBatch", Fault.hold(otherIsDone));

    CompletableFuture<JsonNode> one = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> one.completeAsync(this::relay, Runnable::run));
    await().until(() -> sqs.calls().stream().anyMatch(Call.of("SendMessageBatch")));
    clock.advance(Duration.ofSeconds(10));
    JsonNode other = relay();
    otherIsDone.countDown();

    assertThat(other).hasToString("{\"due\":0,\"sent\":0,\"notSent\":0,\"gaveUp\":0}");
    assertThat(one.join()).hasToString("{\"due\":1,\"sent\":1,\"notSent\":0,\"gaveUp\":0}");
    assertThat(Backend.text(backend.row(id), "dispatches")).isEqualTo("1");
    assertThat(nextDispatchAt(backend.row(id))).isEqualTo(due.plus(MESSAGE_LIFE));
    assertThat(backend.consume(backend.take(QUEUE, 3))).isEmpty();
    assertThat(api.get("/notifications/" + id).json().required("attempts").asInt()).isEqualTo(1);
  }

  @Test
  void givesUpAfterTwelveDispatchesAndSendsOneDeadLetter() throws Exception {
    String id = send("hopeless");
    backend.empty(QUEUE);
    for (int dispatches = 1; dispatches <= 12; dispatches++) {
      clock.advance(MESSAGE_LIFE);
      assertThat(relay()).hasToString("{\"due\":1,\"sent\":1,\"notSent\":0,\"gaveUp\":0}");
      assertThat(Backend.text(backend.row(id), "dispatches")).isEqualTo("" + dispatches);
    }
    assertThat(backend.visible(QUEUE)).isEqualTo(12);
    clock.advance(MESSAGE_LIFE);

    assertThat(relay()).hasToString("{\"due\":1,\"sent\":0,\"notSent\":0,\"gaveUp\":1}");

    JsonNode failed = api.get("/notifications/" + id).json();
    assertThat(failed.required("status").asString()).isEqualTo("failed");
    assertThat(failed.required("failure").asString())
        .isEqualTo("not done although its message was sent 12 times");
    assertThat(listed("failed")).containsExactly(id);
    assertThat(listed("queued")).isEmpty();
    assertThat(backend.visible(QUEUE)).isEqualTo(12);
    List<Message> letters = backend.take(DEAD_LETTERS, 2);
    assertThat(letters).hasSize(1);
    assertThat(letters.getFirst().body()).isEqualTo("{\"id\":\"" + id + "\"}");
    assertThat(Backend.reason(letters.getFirst()))
        .isEqualTo("not done although its message was sent 12 times");
    clock.advance(Duration.ofDays(1));
    assertThat(relay()).hasToString("{\"due\":0,\"sent\":0,\"notSent\":0,\"gaveUp\":0}");
    assertThat(backend.consume(letters)).isEmpty();
    assertThat(status(id)).isEqualTo("logged");
  }

  @Test
  void aRowIsFailedEvenIfItsDeadLetterCannotBeSent() throws Exception {
    String id = send("hopeless");
    backend.empty(QUEUE);
    Map<String, AttributeValue> row = new HashMap<>(backend.row(id));
    row.put("dispatches", AttributeValue.fromN("12"));
    backend.put(List.of(row));
    sqs.always("SendMessage", Fault.REFUSE);
    clock.advance(MESSAGE_LIFE);

    assertThat(relay()).hasToString("{\"due\":1,\"sent\":0,\"notSent\":0,\"gaveUp\":1}");

    assertThat(status(id)).isEqualTo("failed");
    sqs.heal();
    assertThat(relay()).hasToString("{\"due\":0,\"sent\":0,\"notSent\":0,\"gaveUp\":0}");
    assertThat(backend.visible(DEAD_LETTERS)).isZero();
  }

  @Test
  @Needs(Capability.A_THOUSAND_ROWS)
  void dispatchesEachOfManyDueEntriesOnce() throws Exception {
    int many = 450;
    String first = send("the first of many");
    List<Map<String, AttributeValue>> rows = new ArrayList<>(List.of(backend.row(first)));
    while (rows.size() < many) {
      rows.add(another(rows.getFirst()));
    }
    backend.put(rows);
    backend.empty(QUEUE);
    clock.advance(MESSAGE_LIFE);

    assertThat(relay()).hasToString("{\"due\":450,\"sent\":450,\"notSent\":0,\"gaveUp\":0}");
    assertThat(relay()).hasToString("{\"due\":0,\"sent\":0,\"notSent\":0,\"gaveUp\":0}");

    assertThat(backend.rows())
        .hasSize(many)
        .allMatch(row -> Backend.text(row, "dispatches").equals("1"));
    assertThat(backend.visible(QUEUE)).isEqualTo(many);
  }

  @Test
  @Needs(Capability.TEN_THOUSAND_ROWS)
  void sendsNoneOfTenThousandThatWaitInTheQueueForFiveMinutes() throws Exception {
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

      for (int minute = 1; minute <= 5; minute++) {
        ownClock.advance(MINUTE);
        assertThat(relay(ownRun)).hasToString("{\"due\":0,\"sent\":0,\"notSent\":0,\"gaveUp\":0}");
      }
      assertThat(own.visible(QUEUE)).isZero();
    }
  }

  /** Returns the row of another notification with the same time of creation. */
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
        "nextDispatchAt",
        AttributeValue.fromS(Backend.text(row, "nextDispatchAt").replace(id, otherId)));
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

  private static Instant nextDispatchAt(Map<String, AttributeValue> row) {
    String at = Backend.text(row, "nextDispatchAt");
    return Instant.parse(at.substring(0, at.indexOf('#')));
  }
}
