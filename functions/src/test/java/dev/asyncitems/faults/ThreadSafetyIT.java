package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Unavailable;
import dev.asyncitems.faults.Events.Reply;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls one handler object from 64 threads, as Lambda Managed Instances do. Each thread must get
 * the answer to its own request, although the engines answer in any order.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class ThreadSafetyIT {
  private static final int THREADS = 64;
  private static final Duration AMPLE = Duration.ofSeconds(60);
  private static final Map<Trouble, Integer> LATENCY = Map.of(Trouble.SLOW, 3_000);

  private final TestClock clock = new TestClock();
  private @Nullable LocalRun started;
  private @Nullable Backend opened;
  private List<String> items = List.of();
  private List<String> notifications = List.of();

  @BeforeAll
  void start() throws Exception {
    Embedded.assume();
    LocalRun run = Lane.run().clock(clock).withoutPollers().start();
    started = run;
    opened = new Backend(run);
    items = ids(new Api(run.uri()), "/items", "{\"name\":\"item\",\"price\":1}");
    notifications = ids(new Api(run.uri()), "/notifications", "{\"message\":\"hello\"}");
  }

  private static List<String> ids(Api api, String path, String body) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      ids.add(api.send("POST", path, body).text("id"));
    }
    return ids;
  }

  @AfterAll
  void close() {
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

  /** The calls that one thread makes to the shared handler. */
  @FunctionalInterface
  private interface Turn {
    void take(int number, Sandbox sandbox) throws Exception;
  }

  private void underThreads(String functionId, Turn turn) throws Exception {
    try (Sandbox sandbox = Sandbox.of(run(), functionId, clock)) {
      sandbox.proxy().plan(FaultPlan.of(functionId.hashCode(), LATENCY));
      underThreads(sandbox, turn);
    }
  }

  private static void underThreads(Sandbox sandbox, Turn turn) throws Exception {
    CyclicBarrier together = new CyclicBarrier(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int number = i;
        all.add(
            threads.submit(() -> {
              together.await();
              turn.take(number, sandbox);
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  private static Reply ask(
      Sandbox sandbox, int status, String route, String id, String query, String body) {
    Reply reply = ask(sandbox, Events.http(route, id, query, body, Map.of()));
    assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
    return reply;
  }

  // With 64 callers in one process, an engine may exceed the time limit of a call. The function
  // then answers 503 to this request, and the client repeats it.
  private static Reply ask(Sandbox sandbox, byte[] event) {
    while (true) {
      Reply reply = Reply.of(sandbox.invoke(event, AMPLE));
      if (reply.status() < 400) {
        return reply;
      }
      assertThat(text(reply, "requestId")).isEqualTo(requestId(event));
      if (reply.status() != 503) {
        return reply;
      }
    }
  }

  private static String requestId(byte[] event) {
    JsonNode context = Api.JSON.readTree(event).required("requestContext");
    return context.required("requestId").asString();
  }

  private static String text(Reply reply, String member) {
    return reply.body().required(member).asString();
  }

  @Test
  void createItem() throws Exception {
    Set<String> ids = ConcurrentHashMap.newKeySet();
    underThreads(
        "CreateItem",
        (number, sandbox) -> {
          String body = "{\"name\":\"item " + number + "\",\"price\":" + number + "}";
          Reply reply = ask(sandbox, 201, "POST /items", "", "", body);
          assertThat(text(reply, "name")).isEqualTo("item " + number);
          assertThat(reply.body().required("price").asInt()).isEqualTo(number);
          assertThat(reply.header("Location")).isEqualTo("/items/" + text(reply, "id"));
          assertThat(ids.add(text(reply, "id"))).as("id is unique").isTrue();
        });
  }

  @Test
  void getItem() throws Exception {
    underThreads(
        "GetItem",
        (number, sandbox) -> {
          Reply reply = ask(sandbox, 200, "GET /items/{id}", items.get(number), "", "");
          assertThat(text(reply, "id")).isEqualTo(items.get(number));
        });
  }

  @Test
  void replaceItem() throws Exception {
    underThreads(
        "ReplaceItem",
        (number, sandbox) -> {
          String body = "{\"name\":\"new " + number + "\",\"price\":1}";
          Reply reply = ask(sandbox, 200, "PUT /items/{id}", items.get(number), "", body);
          assertThat(text(reply, "id")).isEqualTo(items.get(number));
          assertThat(text(reply, "name")).isEqualTo("new " + number);
        });
  }

  @Test
  void patchItem() throws Exception {
    underThreads(
        "PatchItem",
        (number, sandbox) -> {
          String body = "{\"description\":\"new " + number + "\"}";
          Reply reply = ask(sandbox, 200, "PATCH /items/{id}", items.get(number), "", body);
          assertThat(text(reply, "id")).isEqualTo(items.get(number));
          assertThat(text(reply, "description")).isEqualTo("new " + number);
        });
  }

  @Test
  void deleteItem() throws Exception {
    List<String> own = ids(new Api(run().uri()), "/items", "{\"name\":\"to delete\",\"price\":1}");
    underThreads(
        "DeleteItem",
        (number, sandbox) -> {
          byte[] event = Events.http("DELETE /items/{id}", own.get(number), "", "", Map.of());
          Reply first = Reply.of(sandbox.invoke(event, AMPLE));
          if (first.status() == 503) {
            // The delete may have happened, so a second request would prove nothing.
            assertThat(text(first, "requestId")).isEqualTo(requestId(event));
          } else {
            assertThat(first.status()).as(first.toString()).isEqualTo(204);
            assertThat(ask(sandbox, event).status()).isEqualTo(404);
          }
        });
  }

  @Test
  void listItems() throws Exception {
    underThreads(
        "ListItems",
        (number, sandbox) -> {
          int limit = 1 + number % 50;
          Reply reply = ask(sandbox, 200, "GET /items", "", "limit=" + limit, "");
          assertThat(reply.body().required("items")).hasSize(limit);
          assertThat(reply.header("Link")).contains("limit=" + limit + "&");
        });
  }

  @Test
  void sendNotification() throws Exception {
    Set<String> ids = ConcurrentHashMap.newKeySet();
    underThreads(
        "SendNotification",
        (number, sandbox) -> {
          if (number % 2 == 0) {
            String body = "{\"message\":\"message " + number + "\"}";
            Reply reply = ask(sandbox, 202, "POST /notifications", "", "", body);
            assertThat(text(reply, "message")).isEqualTo("message " + number);
            assertThat(ids.add(text(reply, "id"))).isTrue();
          } else {
            String query = "message=message-" + number;
            String id = text(ask(sandbox, 200, "GET /send-notification", "", query, ""), "id");
            assertThat(Backend.text(backend().row(id), "message")).isEqualTo("message-" + number);
            assertThat(ids.add(id)).isTrue();
          }
        });
  }

  @Test
  void getNotification() throws Exception {
    underThreads(
        "GetNotification",
        (number, sandbox) -> {
          String id = notifications.get(number);
          assertThat(text(ask(sandbox, 200, "GET /notifications/{id}", id, "", ""), "id"))
              .isEqualTo(id);
        });
  }

  @Test
  void listNotifications() throws Exception {
    underThreads(
        "ListNotifications",
        (number, sandbox) -> {
          int limit = 1 + number % 50;
          String query = "limit=" + limit + (number % 2 == 0 ? "&status=queued" : "");
          Reply reply = ask(sandbox, 200, "GET /notifications", "", query, "");
          assertThat(reply.body().required("notifications")).hasSize(limit);
          assertThat(reply.header("Link")).contains("limit=" + limit + "&");
          assertThat(reply.header("Link").contains("status=queued")).isEqualTo(number % 2 == 0);
        });
  }

  @Test
  void getData() throws Exception {
    underThreads(
        "GetData",
        (number, sandbox) -> {
          JsonNode result = ask(sandbox, 200, "GET /data", "", "", "").body().required("result");
          assertThat(result.required("items")).hasSize(10);
          assertThat(result.required("notifications")).hasSize(10);
          assertThat(result.required("items").valueStream())
              .allMatch(item -> item.has("price"), "an item");
        });
  }

  @Test
  void getDocs() throws Exception {
    List<String> kinds = List.of("not-found", "unavailable", "malformed-request");
    underThreads(
        "GetDocs",
        (number, sandbox) -> {
          String kind = kinds.get(number % kinds.size());
          ObjectNode event =
              (ObjectNode)
                  Api.JSON.readTree(Events.http("GET /problems/{type}", "", "", "", Map.of()));
          event.putObject("pathParameters").put("type", kind);
          byte[] bytes = Api.JSON.writeValueAsBytes(event);
          for (int i = 0; i < 50; i++) {
            String page = Reply.of(sandbox.invoke(bytes, AMPLE)).json().path("body").asString();
            assertThat(new String(Base64.getDecoder().decode(page), StandardCharsets.UTF_8))
                .contains("type <code>/problems/" + kind + "</code>");
          }
        });
  }

  @Test
  void unmatchedRoute() throws Exception {
    byte[] plain = Events.http("GET /$default", "", "", "", Map.of());
    underThreads(
        "UnmatchedRoute",
        (number, sandbox) -> {
          ObjectNode event = (ObjectNode) Api.JSON.readTree(plain);
          event.put("routeKey", "$default").put("rawPath", "/nothing-" + number);
          ((ObjectNode) event.required("requestContext")).put("requestId", "request-" + number);
          byte[] bytes = Api.JSON.writeValueAsBytes(event);
          // The function never waits, so only many calls overlap.
          for (int i = 0; i < 50; i++) {
            JsonNode problem = Reply.of(sandbox.invoke(bytes, AMPLE)).body();
            assertThat(problem.required("instance").asString()).isEqualTo("/nothing-" + number);
            assertThat(problem.required("requestId").asString()).isEqualTo("request-" + number);
          }
        });
  }

  @Test
  void logNotifications() throws Exception {
    Set<String> away = new HashSet<>(notifications.subList(0, THREADS / 2));
    try (Sandbox sandbox = Sandbox.of(run(), Backend.CONSUMER, clock)) {
      sandbox
          .proxy()
          .plan(call ->
              call.action().equals("UpdateItem") && away.stream().anyMatch(call.body()::contains)
                  ? Faults.INTERNAL_ERROR
                  : Faults.delay(Duration.ofMillis(20)));
      underThreads(
          sandbox,
          (number, shared) -> {
            // Each batch has one failing and one working message.
            Message fails = Backend.message(notifications.get(number % (THREADS / 2)));
            Message works =
                Backend.message(notifications.get(THREADS / 2 + number % (THREADS / 2)));
            byte[] answer = shared.invoke(Backend.batch(List.of(works, fails)), AMPLE);
            assertThat(Backend.failures(answer)).containsExactly(fails.messageId());
          });
    }
    for (String id : notifications.subList(THREADS / 2, THREADS)) {
      assertThat(Backend.text(backend().row(id), "status")).isEqualTo("done");
    }
    for (String id : away) {
      assertThat(Backend.text(backend().row(id), "status")).isEqualTo("queued");
    }
  }

  @Test
  void relayOutbox() throws Exception {
    try (LocalRun own = Lane.run().clock(clock).withoutPollers().start();
        Backend inside = new Backend(own)) {
      Api api = new Api(own.uri());
      Set<String> waiting = new TreeSet<>();
      for (int i = 0; i < 5; i++) {
        waiting.add(api.send("POST", "/notifications", "{\"message\":\"a\"}").text("id"));
      }
      inside.purge(Backend.QUEUE);
      clock.advance(Duration.ofHours(1));
      byte[] tick = Files.readAllBytes(Path.of(System.getProperty("events"), "relay-outbox.json"));
      try (Sandbox sandbox = Sandbox.of(own, Backend.RELAY, clock)) {
        underThreads(
            sandbox,
            (number, shared) -> {
              try {
                JsonNode counts = Api.JSON.readTree(shared.invoke(tick, AMPLE));
                assertThat(counts.required("due").asInt()).isBetween(0, 5);
              } catch (Unavailable e) {
                // The queue was called too often in parallel. Another run has leased the entries.
              }
            });
        assertThat(sandbox.proxy().calls()).anyMatch(Call.of("SendMessageBatch"));
      }
      for (String id : waiting) {
        assertThat(Backend.text(inside.row(id), "dispatches")).isEqualTo("1");
      }
    }
  }
}
