package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Unavailable;
import dev.asyncitems.faults.Events.Reply;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Schedule;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.ProjectTemplate;
import dev.asyncitems.system.SampleEvent;
import dev.asyncitems.system.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls one handler object of each function from 64 threads, as Lambda Managed Instances do. Each
 * thread must get the answer to its own request, although the engines answer in any order.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class ThreadSafetyIT {
  private static final int THREADS = 64;
  private static final int CALLS_WITHOUT_AN_ENGINE = 50;
  private static final Duration AMPLE = Duration.ofSeconds(60);
  private static final Map<Trouble, Integer> LATENCY = Map.of(Trouble.SLOW, 3_000);

  private final TestClock clock = new TestClock();
  private LocalRun run;
  private Backend backend;

  /** The ids of each thread's own things, by the ids in the sample events. No test changes them. */
  private List<Map<String, String>> unchanged;

  @BeforeAll
  void start() {
    Embedded.assume();
    run = Lane.run().clock(clock).withoutFront().withoutPollers().start();
    backend = new Backend(run);
    unchanged = create();
  }

  private List<Map<String, String>> create() {
    return IntStream.range(0, THREADS).mapToObj(thread -> SampleEvent.create(run)).toList();
  }

  @AfterAll
  void close() {
    if (backend != null) {
      backend.close();
      run.close();
    }
  }

  /** The calls that one thread makes to the shared handler. */
  @FunctionalInterface
  private interface Turn {
    void take(int thread) throws Exception;
  }

  private static void underThreads(Turn turn) throws Exception {
    CyclicBarrier together = new CyclicBarrier(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        all.add(
            threads.submit(() -> {
              together.await();
              turn.take(thread);
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  static Stream<Function> functionsBehindTheApi() {
    return SampleEvent.all().stream()
        .filter(SampleEvent::isHttp)
        .map(SampleEvent::function)
        .distinct();
  }

  /** The threads share the function's sample events, each about its own things. */
  @ParameterizedTest
  @MethodSource("functionsBehindTheApi")
  void eachRequestGetsItsOwnAnswer(Function function) throws Exception {
    List<SampleEvent> samples =
        SampleEvent.all().stream().filter(one -> one.function().equals(function)).toList();
    List<Map<String, String>> things =
        samples.stream().anyMatch(ThreadSafetyIT::changes) ? create() : unchanged;
    int calls = usesAnEngine(function) ? 1 : CALLS_WITHOUT_AN_ENGINE;
    Set<String> created = ConcurrentHashMap.newKeySet();
    List<JsonNode> alone = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      SampleEvent sample = samples.get(thread % samples.size());
      alone.add(
          writes(sample)
              ? null
              : Api.JSON.readTree(
                  run.invoke(
                      function.id(),
                      SampleEvent.bytes(event(sample, things.get(thread), thread)))));
    }
    try (Sandbox sandbox = Sandbox.of(run, function.id(), clock)) {
      sandbox.proxy().plan(FaultPlan.of(function.id().hashCode(), LATENCY));
      underThreads(thread -> {
        SampleEvent sample = samples.get(thread % samples.size());
        ObjectNode event = event(sample, things.get(thread), thread);
        for (int call = 0; call < calls; call++) {
          if (sample.routeKey().startsWith("DELETE ")) {
            delete(sandbox, sample, event);
          } else if (writes(sample)) {
            assertIsOwn(ask(sandbox, event), sample, event, thread, created);
          } else {
            assertThat(ask(sandbox, event).json()).isEqualTo(alone.get(thread));
          }
        }
      });
    }
  }

  private static boolean usesAnEngine(Function function) {
    return function.environment().keySet().stream().anyMatch(name -> name.endsWith("_TABLE"));
  }

  private static boolean writes(SampleEvent sample) {
    return sample.takes("Idempotency-Key") || changes(sample);
  }

  private static boolean changes(SampleEvent sample) {
    return sample.routeKey().matches("(PUT|PATCH|DELETE) .*");
  }

  /** Returns the thread's event, with texts, numbers and query parameters of its own. */
  private static ObjectNode event(SampleEvent sample, Map<String, String> things, int thread) {
    ObjectNode event = sample.json(things);
    ((ObjectNode) event.required("requestContext")).put("requestId", "request-" + thread);
    event.put(
        "rawQueryString",
        event
            .required("rawQueryString")
            .asString()
            .replaceFirst("limit=\\d+", "limit=" + (1 + thread % 50))
            .replaceFirst("message=[^&]*", "message=" + messageOf(thread)));
    if (event.has("body")) {
      JsonNode body = body(event);
      objects(body).forEach(object -> makeOwn(object, thread));
      event.put("body", body.toString());
    }
    return event;
  }

  private static void makeOwn(ObjectNode object, int thread) {
    for (Map.Entry<String, JsonNode> member : Set.copyOf(object.properties())) {
      if (member.getValue().isString()) {
        object.put(member.getKey(), member.getValue().asString() + " of thread " + thread + ".");
      } else if (member.getValue().isNumber()) {
        object.put(member.getKey(), thread);
      }
    }
  }

  private static String messageOf(int thread) {
    return "message-of-thread-" + thread;
  }

  private static JsonNode body(ObjectNode event) {
    return Api.JSON.readTree(event.required("body").asString());
  }

  /** Returns the objects that a body consists of: itself, or the elements of an array. */
  private static Stream<ObjectNode> objects(JsonNode body) {
    return (body.isArray() ? body.valueStream() : Stream.of(body)).map(ObjectNode.class::cast);
  }

  private void assertIsOwn(
      Reply reply, SampleEvent sample, ObjectNode event, int thread, Set<String> created) {
    sample.assertSucceeded(SampleEvent.bytes(reply.json()));
    if (!reply.json().has("body")) {
      return;
    }
    JsonNode answer = reply.body();
    JsonNode id = event.path("pathParameters").path("id");
    if (id.isMissingNode()) {
      assertThat(created.add(answer.required("id").asString())).as("id is unique").isTrue();
      assertThat(reply.header("Location")).matches("|/[a-z]+/" + answer.required("id").asString());
    } else {
      assertThat(answer.required("id")).isEqualTo(id);
    }
    if (event.required("rawQueryString").asString().contains("message=")) {
      assertThat(Backend.text(backend.row(answer.required("id").asString()), "message"))
          .isEqualTo(messageOf(thread));
    }
    if (event.has("body")) {
      body(event).properties().stream()
          .filter(member -> member.getValue().isString() || member.getValue().isNumber())
          .forEach(
              member -> assertThat(answer.required(member.getKey())).isEqualTo(member.getValue()));
    }
  }

  // With 64 callers in one process, an engine may exceed the time limit of a call. The function
  // then answers 503 to this request, and the client repeats it.
  private static Reply ask(Sandbox sandbox, ObjectNode event) {
    while (true) {
      Reply reply = Reply.of(sandbox.invoke(SampleEvent.bytes(event), AMPLE));
      if (reply.status() != 503) {
        return reply;
      }
      assertThat(reply.body().required("requestId"))
          .isEqualTo(event.required("requestContext").required("requestId"));
    }
  }

  private static void delete(Sandbox sandbox, SampleEvent sample, ObjectNode event) {
    Reply first = Reply.of(sandbox.invoke(SampleEvent.bytes(event), AMPLE));
    if (first.status() == 503) {
      // The deletion may have taken effect.
      assertThat(ask(sandbox, event).status()).isIn(204, 404);
    } else {
      sample.assertSucceeded(SampleEvent.bytes(first.json()));
    }
    assertThat(ask(sandbox, event).status()).isEqualTo(404);
  }

  static Stream<Mapping> consumers() {
    return ProjectTemplate.read().mappings().stream();
  }

  @ParameterizedTest
  @MethodSource("consumers")
  void eachBatchGetsItsOwnFailures(Mapping consumer) throws Exception {
    SampleEvent sample = SampleEvent.of(run.template().function(consumer.functionId()));
    List<String> rows =
        create().stream()
            .map(ids -> TaskMessage.id(firstBody(sample, ids)).orElseThrow().toString())
            .toList();
    List<String> working = rows.subList(THREADS / 2, THREADS);
    Set<String> away = new HashSet<>(rows.subList(0, THREADS / 2));
    try (Sandbox sandbox = Sandbox.of(run, consumer.functionId(), clock)) {
      sandbox
          .proxy()
          .plan(call ->
              writesRow(call) && away.stream().anyMatch(call.body()::contains)
                  ? Faults.INTERNAL_ERROR
                  : Faults.delay(Duration.ofMillis(20)));
      underThreads(thread -> {
        Message fails = Backend.message(rows.get(thread % (THREADS / 2)));
        Message works = Backend.message(working.get(thread % (THREADS / 2)));
        byte[] answer = sandbox.invoke(Backend.batch(List.of(works, fails)), AMPLE);
        assertThat(Backend.failures(answer)).containsExactly(fails.messageId());
      });
    }
    assertThat(outboxRows().filter(row -> working.contains(Backend.text(row, "id"))))
        .hasSize(THREADS / 2)
        .allMatch(row -> Backend.text(row, "status").equals("done"));
    assertThat(outboxRows().filter(row -> away.contains(Backend.text(row, "id"))))
        .hasSize(THREADS / 2)
        .allMatch(row -> Backend.text(row, "status").equals("queued"));
  }

  private static String firstBody(SampleEvent batch, Map<String, String> ids) {
    return batch.json(ids).required("Records").required(0).required("body").asString();
  }

  private static boolean writesRow(Call call) {
    return Set.of("UpdateItem", "TransactWriteItems").contains(call.action());
  }

  static Stream<Schedule> schedules() {
    return ProjectTemplate.read().schedules().stream();
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void concurrentTicksDispatchEachEntryOnce(Schedule schedule) throws Exception {
    Function function = run.template().function(schedule.functionId());
    byte[] tick = SampleEvent.bytes(SampleEvent.of(function).json(Map.of()));
    // With many entries, the threads would exceed the time limits of each other's calls.
    outboxes().forEach(backend::deleteRows);
    for (int i = 0; i < 5; i++) {
      var _ = SampleEvent.create(run);
    }
    clock.advance(ProjectTemplate.messageLife());
    try (Sandbox sandbox = Sandbox.of(run, function.id(), clock)) {
      underThreads(thread -> {
        try {
          JsonNode counts = Api.JSON.readTree(sandbox.invoke(tick, AMPLE));
          assertThat(counts.required("due").asInt()).isNotNegative();
        } catch (Unavailable e) {
          // The queue was called too often in parallel. Another run has leased the entries.
        }
      });
      assertThat(sandbox.proxy().calls()).anyMatch(Call.of("SendMessageBatch"));
    }
    assertThat(outboxRows()).allMatch(row -> Backend.text(row, "dispatches").equals("1"));
  }

  private Stream<String> outboxes() {
    return run.template().tables().stream()
        .filter(table -> table.globalIndexes().stream().anyMatch(i -> i.name().equals("outbox")))
        .map(Table::id);
  }

  private Stream<Map<String, AttributeValue>> outboxRows() {
    return outboxes()
        .flatMap(table -> backend.rows(table).stream())
        .filter(row -> row.containsKey("status"));
  }
}
