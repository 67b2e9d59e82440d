package dev.asyncitems.faults;

import dev.asyncitems.faults.Events.Reply;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.ProjectTemplate;
import dev.asyncitems.system.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.model.Message;

/** One successful call for each function that uses a client, and for each path through it. */
enum Calls {
  LIST_ITEMS("ListItems", "GET /items"),
  CREATE_ITEM("CreateItem", "POST /items"),
  GET_ITEM("GetItem", "GET /items/{id}"),
  REPLACE_ITEM("ReplaceItem", "PUT /items/{id}"),
  PATCH_ITEM("PatchItem", "PATCH /items/{id}"),
  DELETE_ITEM("DeleteItem", "DELETE /items/{id}"),
  POST_NOTIFICATION("SendNotification", "POST /notifications"),
  SEND_NOTIFICATION("SendNotification", "GET /send-notification"),
  LIST_NOTIFICATIONS("ListNotifications", "GET /notifications"),
  GET_NOTIFICATION("GetNotification", "GET /notifications/{id}"),
  DELETE_NOTIFICATION("DeleteNotification", "DELETE /notifications/{id}"),
  GET_DATA("GetData", "GET /data"),
  CONSUME_BATCH(Backend.CONSUMER, ""),
  CONSUME_ONE(Backend.CONSUMER, ""),
  CONSUME_MALFORMED(Backend.CONSUMER, ""),
  RELAY_BACKLOG(Backend.RELAY, ""),
  RELAY(Backend.RELAY, "");

  private static final int BATCH = 10;
  private static final int BACKLOG = 30;

  private final String functionId;
  private final String route;

  Calls(String functionId, String route) {
    this.functionId = functionId;
    this.route = route;
  }

  String functionId() {
    return functionId;
  }

  boolean isHttp() {
    return !route.isEmpty();
  }

  /** An answer of a function and the time it took. */
  record Invoked(String text, Duration took) {
    byte[] answer() {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /**
   * Prepares the data for this call through the run, then calls the function with this much time
   * left.
   */
  Invoked on(LocalRun run, Sandbox sandbox, TestClock clock, Duration left) throws Exception {
    return invoke(sandbox, event(run, clock), left);
  }

  static Invoked invoke(Sandbox sandbox, byte[] event, Duration left) {
    long start = System.nanoTime();
    byte[] answer = sandbox.invoke(event, left);
    return new Invoked(
        new String(answer, StandardCharsets.UTF_8), Duration.ofNanos(System.nanoTime() - start));
  }

  /** Returns a new event for this call, and prepares the data that it needs. */
  byte[] event(LocalRun run, TestClock clock) throws Exception {
    Api api = new Api(run.uri());
    return switch (this) {
      case CONSUME_BATCH -> {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
          messages.add(Backend.message(notification(api)));
        }
        yield Backend.batch(messages);
      }
      case CONSUME_ONE -> Backend.batch(List.of(Backend.message(notification(api))));
      case CONSUME_MALFORMED ->
          Backend.batch(List.of(Backend.message("x").toBuilder().body("nonsense").build()));
      case RELAY_BACKLOG, RELAY -> {
        try (Backend backend = new Backend(run)) {
          backend.deleteRows(); // Only the rows of this call remain.
        }
        for (int i = 0; i < (this == RELAY ? 1 : BACKLOG); i++) {
          var _ = notification(api);
        }
        clock.advance(ProjectTemplate.messageLife());
        yield Files.readAllBytes(Path.of(System.getProperty("events"), "relay-outbox.json"));
      }
      default -> {
        String id =
            !route.endsWith("{id}")
                ? ""
                : route.contains("/items")
                    ? api.send("POST", "/items", "{\"name\":\"a\",\"price\":1}").text("id")
                    : notification(api);
        String body =
            route.startsWith("P")
                ? route.contains("/items") ? "{\"name\":\"a\",\"price\":1}" : "{\"message\":\"a\"}"
                : "";
        String query = route.equals("GET /send-notification") ? "message=a" : "";
        yield Events.http(route, id, query, body, Map.of());
      }
    };
  }

  private static String notification(Api api) throws Exception {
    return api.send("POST", "/notifications", "{\"message\":\"a\"}").text("id");
  }

  /** Returns whether an answer reports complete success. */
  boolean succeeded(Invoked invoked) {
    if (isHttp()) {
      return Reply.of(invoked.answer()).status() / 100 == 2;
    }
    return functionId.equals(Backend.RELAY)
        ? Api.JSON.readTree(invoked.answer()).required("sent").asInt() >= 1
        : Backend.failures(invoked.answer()).isEmpty();
  }
}
