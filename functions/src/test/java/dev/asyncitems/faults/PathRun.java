package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.faults.Path.Condition;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Queue.Redrive;
import dev.asyncitems.local.template.Schedule;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.ProjectTemplate;
import dev.asyncitems.system.SampleEvent;
import dev.asyncitems.system.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;

/** A run that prepares the data of a path, and later finishes all background tasks. */
final class PathRun implements AutoCloseable {
  /** Attributes that differ between equal rows, or count what a crash may repeat. */
  private static final Set<String> VARYING =
      Set.of("shard", "requestId", "traceHeader", "dispatches", "lastWrite", "expiresAt");

  /** The actions that change nothing. */
  static final Set<String> READS = Set.of("GetItem", "BatchGetItem", "Query", "GetQueueAttributes");

  private static final String ID = "[0-9a-f]{8}-[0-9a-f-]{27}";
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z";

  private final TestClock clock = new TestClock();
  private final LocalRun run = Lane.run().clock(clock).withoutFront().withoutPollers().start();
  private final Backend backend = new Backend(run);

  /** The rows of all tables, and the bodies of the dead letters, without what varies. */
  record State(Map<String, List<String>> rows, Set<String> letters) {}

  private Template template() {
    return run.template();
  }

  private List<Table> tables() {
    return template().tables().stream()
        .filter(table -> table.key().getFirst().attribute().equals("id"))
        .toList();
  }

  private List<Table> outboxes() {
    return tables().stream()
        .filter(table -> table.globalIndexes().stream().anyMatch(i -> i.name().equals("outbox")))
        .toList();
  }

  private Redrive redrive(Mapping mapping) {
    return Objects.requireNonNull(template().queue(mapping.queueId()).redrive());
  }

  /** Starts an execution environment of the path's function. */
  Sandbox sandbox(Path path) {
    return Sandbox.of(run, path.sample().function().id(), clock);
  }

  /** Invokes the path's function in an environment without faults. */
  byte[] invoke(Path path, byte[] event) {
    return run.invoke(path.sample().function().id(), event);
  }

  /**
   * Empties all tables and queues, creates what the path's event is about, and loses the messages.
   * Returns the event.
   */
  byte[] prepare(Path path) {
    tables().forEach(table -> backend.deleteRows(table.id()));
    Map<String, String> ids = SampleEvent.create(run);
    template().queues().stream().map(Queue::id).forEach(backend::purge);
    switch (path.condition()) {
      case FAILED_BEFORE ->
          change(
              Map.of(
                  "status", AttributeValue.fromS("failed"),
                  "failure", AttributeValue.fromS("the store was away")));
      case STORE_AWAY_AT_THE_LAST_ATTEMPT ->
          change(Map.of("attemptsUsed", AttributeValue.fromN("7")));
      case DISPATCHES_USED_UP -> change(Map.of("dispatches", AttributeValue.fromN("12")));
      default -> {}
    }
    if (path.isTick()) {
      clock.advance(ProjectTemplate.messageLife());
    }
    return path.event(ids, redrive(template().mappings().getFirst()).maxReceiveCount());
  }

  private void change(Map<String, AttributeValue> attributes) {
    for (Table table : outboxes()) {
      List<Map<String, AttributeValue>> rows = new ArrayList<>();
      for (Map<String, AttributeValue> row : tasks(table)) {
        Map<String, AttributeValue> changed = new HashMap<>(row);
        changed.putAll(attributes);
        rows.add(changed);
      }
      backend.put(table.id(), rows);
    }
  }

  /** Finishes all background tasks as the triggers and an operator do, and returns the state. */
  State finish(Path path) {
    // A lease taken before a crash ends within the first round.
    for (int round = 0; round < 2; round++) {
      clock.advance(ProjectTemplate.messageLife());
      for (Schedule schedule : template().schedules()) {
        SampleEvent tick = SampleEvent.of(template().function(schedule.functionId()));
        var _ = run.invoke(schedule.functionId(), SampleEvent.bytes(tick.json(Map.of())));
      }
      for (Mapping mapping : template().mappings()) {
        List<Message> messages = backend.take(mapping.queueId(), 10);
        deliver(mapping, messages);
        if (!messages.isEmpty()) {
          backend.delete(mapping.queueId(), messages);
        }
      }
    }
    Set<String> letters = new TreeSet<>();
    for (Mapping mapping : template().mappings()) {
      List<String> bodies =
          backend.take(redrive(mapping).queueId(), 10).stream()
              .map(letter -> letter.body().replaceAll(ID, "id"))
              .toList();
      // A crash after sending a dead letter sends it again.
      assertThat(bodies).hasSizeLessThanOrEqualTo(2);
      letters.addAll(bodies);
    }
    outboxes().forEach(this::replayFailed);
    assertThat(statuses()).as("%s", path).containsOnly("done");
    Map<String, List<String>> rows = new TreeMap<>();
    for (Table table : tables()) {
      rows.put(
          table.id(),
          backend.rows(table.id()).stream().map(row -> masked(path, row)).sorted().toList());
    }
    return new State(rows, letters);
  }

  /** Returns the statuses of all background tasks. */
  List<String> statuses() {
    return outboxes().stream()
        .flatMap(table -> tasks(table).stream())
        .map(row -> Backend.text(row, "status"))
        .toList();
  }

  /** Returns the rows of background tasks. A table may also hold the work that they belong to. */
  private List<Map<String, AttributeValue>> tasks(Table table) {
    return backend.rows(table.id()).stream().filter(row -> row.containsKey("status")).toList();
  }

  /** Returns the bodies of all messages that wait for a consumer, and puts the messages back. */
  List<String> messages() {
    List<String> bodies = new ArrayList<>();
    for (Mapping mapping : template().mappings()) {
      for (Message message : backend.receive(mapping.queueId(), 10, Duration.ofMinutes(1))) {
        bodies.add(message.body());
        backend.release(mapping.queueId(), message);
      }
    }
    return bodies;
  }

  private void replayFailed(Table table) {
    Mapping consumer =
        template().mappings().stream()
            .filter(mapping ->
                run.environment(mapping.functionId()).containsValue(run.tableName(table.id())))
            .findFirst()
            .orElseThrow(() -> new AssertionError(table.id() + " has no consumer"));
    deliver(
        consumer,
        backend.rows(table.id()).stream()
            .filter(row -> Backend.text(row, "status").equals("failed"))
            .map(row -> Backend.message(Backend.text(row, "id")))
            .toList());
  }

  private void deliver(Mapping mapping, List<Message> messages) {
    if (!messages.isEmpty()) {
      byte[] answer = run.invoke(mapping.functionId(), Backend.batch(messages));
      assertThat(Backend.failures(answer)).isEmpty();
    }
  }

  private static String masked(Path path, Map<String, AttributeValue> row) {
    Map<String, AttributeValue> kept = new TreeMap<>(row);
    kept.keySet().removeAll(VARYING);
    if (path.condition() == Condition.STORE_AWAY || path.condition().isLast()) {
      kept.remove("attempts"); // The failed attempt may be recorded or not.
    }
    return kept.toString().replaceAll(ID, "id").replaceAll(TIME, "time");
  }

  /** Returns the kind of a call: what it does, to which table or queue. */
  static String step(Call call) {
    JsonNode body = Api.JSON.readTree(call.body());
    return call.action()
        + " "
        + targets(call.action(), body)
        + body.path("UpdateExpression").asString("");
  }

  /** Returns the permissions that a call needs, by the logical ids of tables and queues. */
  Set<String> permissions(Call call) {
    Map<String, String> ids = new HashMap<>();
    template().tables().forEach(table -> ids.put(run.tableName(table.id()), table.id()));
    template().queues().forEach(queue -> ids.put(run.queueUrl(queue.id()), queue.id()));
    Set<String> permissions = new TreeSet<>();
    for (Map.Entry<String, String> target :
        targets(call.action(), Api.JSON.readTree(call.body()))) {
      String[] resource = target.getValue().split("(?=/index/)", 2);
      permissions.add(
          (call.service().equals(Call.SQS) ? "sqs:" : "dynamodb:")
              + target.getKey()
              + " "
              + ids.getOrDefault(resource[0], resource[0])
              + (resource.length > 1 ? resource[1] : ""));
    }
    return permissions;
  }

  /** Returns the IAM actions of a call, each with the name of its table, index or queue. */
  private static List<Map.Entry<String, String>> targets(String action, JsonNode body) {
    List<Map.Entry<String, String>> targets = new ArrayList<>();
    switch (action) {
      case "TransactWriteItems" -> {
        for (JsonNode part : body.required("TransactItems")) {
          part.properties()
              .forEach(one ->
                  targets.add(
                      Map.entry(
                          one.getKey() + "Item", one.getValue().required("TableName").asString())));
        }
      }
      case "BatchGetItem" ->
          body.required("RequestItems")
              .propertyNames()
              .forEach(table -> targets.add(Map.entry(action, table)));
      case "Query" ->
          targets.add(
              Map.entry(
                  action,
                  body.required("TableName").asString()
                      + "/index/"
                      + body.required("IndexName").asString()));
      default ->
          targets.add(
              Map.entry(
                  body.has("QueueUrl") ? action.replaceFirst("Batch$", "") : action,
                  body.has("QueueUrl")
                      ? body.required("QueueUrl").asString()
                      : body.required("TableName").asString()));
    }
    return targets;
  }

  @Override
  public void close() {
    backend.close();
    run.close();
  }
}
