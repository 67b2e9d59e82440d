package dev.asyncitems.faults;

import dev.asyncitems.system.Api;
import dev.asyncitems.system.FaultProxy.Answered;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Witness;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import tools.jackson.databind.JsonNode;

/**
 * The true history of background tasks, as the engines answered, even where an answer was lost on
 * its way to the function. Thread-safe.
 *
 * <p>It reports faults that the final state hides because the relay repairs them later. Examples
 * are a message that is sent before its row is written, and a task that is done twice.
 */
final class Ledger implements Witness {
  private final Set<String> rows = ConcurrentHashMap.newKeySet();
  private final Map<String, AtomicInteger> messages = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> logged = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> imported = new ConcurrentHashMap<>();
  private final Set<String> transactions = ConcurrentHashMap.newKeySet();
  private final Set<String> failed = ConcurrentHashMap.newKeySet();
  private final Set<String> deadLettered = ConcurrentHashMap.newKeySet();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final LongAdder calls = new LongAdder();
  private final Set<String> deadLetterQueueUrls;

  Ledger(Set<String> deadLetterQueueUrls) {
    this.deadLetterQueueUrls = deadLetterQueueUrls;
  }

  @Override
  public void called(Call call) {
    calls.increment();
    if (call.action().equals("SendMessage") || call.action().equals("SendMessageBatch")) {
      JsonNode request = Api.JSON.readTree(call.body());
      if (!isDeadLetter(request)) {
        idsOf(request).stream()
            .filter(id -> !rows.contains(id))
            .forEach(id -> violations.add("the message of " + id + " was sent before its row"));
      }
    }
  }

  @Override
  public void answered(Call call, Answered answer) {
    if (answer.status() != 200) {
      return;
    }
    switch (call.action()) {
      case "TransactWriteItems" -> written(Api.JSON.readTree(call.body()));
      case "PutItem" -> added(Api.JSON.readTree(call.body()).required("Item"));
      case "UpdateItem" -> updated(Api.JSON.readTree(call.body()));
      case "SendMessage" -> sent(Api.JSON.readTree(call.body()));
      case "SendMessageBatch" ->
          Api.JSON
              .readTree(answer.body())
              .path("Successful")
              .forEach(entry -> count(messages, entry.required("Id").asString()));
      default -> {}
    }
  }

  private void written(JsonNode request) {
    if (!transactions.add(request.required("ClientRequestToken").asString())) {
      return; // DynamoDB repeats the answer, but not the effect.
    }
    for (JsonNode action : request.required("TransactItems")) {
      added(action.path("Put").path("Item"));
      JsonNode update = action.path("Update");
      if (marksDone(update) && count(imported, idOf(update)) > 1) {
        violations.add(idOf(update) + " was imported twice");
      }
    }
  }

  private void added(JsonNode item) {
    if (item.has("outbox")) {
      rows.add(item.required("id").required("S").asString());
    }
  }

  private void updated(JsonNode request) {
    String id = idOf(request);
    if (marksDone(request)) {
      if (count(logged, id) > 1) {
        violations.add(id + " was logged twice");
      }
    } else if (request.required("UpdateExpression").asString().contains("#outbox =")) {
      if (isDone(id)) {
        violations.add(id + " was marked failed though it was done");
      }
      failed.add(id);
    }
  }

  private static String idOf(JsonNode update) {
    return update.required("Key").required("id").required("S").asString();
  }

  private static boolean marksDone(JsonNode update) {
    return update.path("UpdateExpression").asString("").contains("#doneAt =");
  }

  private void sent(JsonNode request) {
    for (String id : idsOf(request)) {
      if (isDeadLetter(request)) {
        deadLettered.add(id);
      } else {
        count(messages, id);
      }
    }
  }

  private boolean isDeadLetter(JsonNode request) {
    return deadLetterQueueUrls.contains(request.required("QueueUrl").asString());
  }

  private static List<String> idsOf(JsonNode request) {
    List<JsonNode> bodies =
        request.has("Entries")
            ? request.required("Entries").valueStream().map(e -> e.required("MessageBody")).toList()
            : List.of(request.required("MessageBody"));
    return bodies.stream()
        .map(JsonNode::asString)
        .filter(body -> body.startsWith("{\"id\":\""))
        .map(body -> body.substring(7, body.length() - 2))
        .toList();
  }

  private static int count(Map<String, AtomicInteger> counts, String id) {
    return counts.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
  }

  private static int counted(Map<String, AtomicInteger> counts, String id) {
    AtomicInteger count = counts.get(id);
    return count == null ? 0 : count.get();
  }

  /** Returns the ids of all rows that were written. */
  Set<String> rows() {
    return rows;
  }

  /** Returns the number of times a row became logged. */
  int timesLogged(String id) {
    return counted(logged, id);
  }

  /** Returns the number of rows that were logged at least once. */
  int logged() {
    return logged.size();
  }

  private boolean isDone(String id) {
    return logged.containsKey(id) || imported.containsKey(id);
  }

  /**
   * Returns whether the queue may lose a message, because its task is done or it is a dead letter.
   */
  boolean mayForget(String id) {
    return isDone(id) || deadLettered.contains(id);
  }

  /** Returns the number of chunks that were imported at least once. */
  int imported() {
    return imported.size();
  }

  /** Returns the number of calls that reached the engines. */
  long calls() {
    return calls.sum();
  }

  /** Returns everything that must not have happened. */
  List<String> violations() {
    return violations;
  }
}
