package dev.asyncitems.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.engine.QueuedMessage;
import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Template;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The page's data as JSON. Long texts are cut. Thread-safe. */
final class View {

  /** The maximum number of shown messages of a queue. The oldest messages come first. */
  static final int MESSAGES = 50;

  /** The maximum length of a shown value or message body, in characters. */
  static final int TEXT_LIMIT = 4_000;

  private static final JsonNodeFactory JSONS = JsonNodeFactory.instance;
  private static final List<QueueAttributeName> NUMBERS =
      List.of(
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED);

  /** The names of attributes of a message or a row that say why a task failed. */
  private static final List<String> REASONS = List.of("reason", "failure");

  private static final List<String> NAMES = List.of("visible", "inFlight", "delayed");

  private final String run = UUID.randomUUID().toString();
  private final Template template;
  private final Engines engines;
  private final Invocations invocations;
  private final InjectedFailures failures;
  private final Notices notices;
  private final String basePath;
  private volatile @Nullable ReplayReport report;

  View(
      Template template,
      Engines engines,
      Invocations invocations,
      InjectedFailures failures,
      Notices notices,
      String basePath) {
    this.template = template;
    this.engines = engines;
    this.invocations = invocations;
    this.failures = failures;
    this.notices = notices;
    this.basePath = basePath;
  }

  /** Shows this report from now on, and no earlier one. */
  void show(ReplayReport last) {
    report = last;
  }

  /** Drops the report if it is about this queue. It could not tell what was purged. */
  void purged(Queue queue) {
    ReplayReport last = report;
    if (last != null && (queue.equals(last.from()) || queue.equals(last.to()))) {
      report = null;
    }
  }

  /** Returns the state of all functions, queues and tables. A failed engine's counts are null. */
  String overview() {
    ObjectNode json = JSONS.objectNode();
    json.put("run", run);
    template.docsPath().ifPresent(path -> json.put("docs", basePath + path));
    notices.list(json.putArray("notices"));
    ArrayNode functions = json.putArray("functions");
    for (Function function : template.functions()) {
      ObjectNode object = functions.addObject().put("id", function.id());
      invocations.summary(function.id(), object);
      failures.left(function.id()).ifPresent(left -> object.put("fails", fails(left)));
      ArrayNode queues = object.putArray("queues");
      template.mappings().stream()
          .filter(mapping -> mapping.functionId().equals(function.id()))
          .forEach(mapping -> queues.add(mapping.queueId()));
    }
    ArrayNode queues = json.putArray("queues");
    for (Queue queue : template.queues()) {
      add(queue, queues.addObject());
    }
    ReplayReport last = report;
    if (last != null) {
      update(last);
      last.addTo(json.putObject("replay"));
    }
    ArrayNode tables = json.putArray("tables");
    for (Table table : template.tables()) {
      ObjectNode object = tables.addObject().put("id", table.id()).put("name", table.name());
      try {
        DynamoDbClient dynamoDb = engines.dynamoDbClient();
        object.put(
            "rows", dynamoDb.describeTable(r -> r.tableName(table.name())).table().itemCount());
      } catch (SdkException e) {
        object.putNull("rows");
      }
    }
    return json.toString();
  }

  /** Updates a report, unless SQS does not respond or its messages cannot be shown. */
  private void update(ReplayReport report) {
    if (!report.isSettled()) {
      messages(report.to())
          .ifPresent(waiting ->
              messages(report.from())
                  .ifPresent(dead ->
                      report.update(waiting, dead, letter -> reason(report.from(), letter))));
    }
  }

  private Optional<List<QueuedMessage>> messages(Queue queue) {
    ObjectNode counts = JSONS.objectNode();
    add(queue, counts);
    return counts.has("empty") ? messages(queue, counts) : Optional.empty();
  }

  private String reason(Queue queue, QueuedMessage letter) {
    ArrayNode list = JSONS.arrayNode();
    add(List.of(letter), queue, list);
    return list.path(0).path("reason").asText("for an unknown reason");
  }

  private static String fails(int left) {
    return left == InjectedFailures.UNLIMITED
        ? "until turned off"
        : left == 1 ? "once more" : left + " more times";
  }

  private void add(Queue queue, ObjectNode json) {
    json.put("id", queue.id()).put("name", queue.name());
    Queue.Redrive redrive = queue.redrive();
    if (redrive != null) {
      json.put("deadLetters", redrive.queueId()).put("maxReceiveCount", redrive.maxReceiveCount());
    }
    ArrayNode sources = json.putArray("sources");
    sources(queue).forEach(source -> sources.add(source.id()));
    ArrayNode consumers = json.putArray("consumers");
    template.mappings().stream()
        .filter(mapping -> mapping.queueId().equals(queue.id()))
        .forEach(mapping -> consumers.add(mapping.functionId()));
    try {
      Map<QueueAttributeName, String> numbers =
          engines
              .sqsClient()
              .getQueueAttributes(r -> r.queueUrl(queue.url()).attributeNames(NUMBERS))
              .attributes();
      int all = 0;
      for (int i = 0; i < NUMBERS.size(); i++) {
        int number = Integer.parseInt(numbers.getOrDefault(NUMBERS.get(i), "0"));
        json.put(NAMES.get(i), number);
        all += number;
      }
      json.put("empty", all == 0);
    } catch (SdkException e) {
      NAMES.forEach(json::putNull);
    }
  }

  /** Returns the queues that send their dead letters to this queue. */
  List<Queue> sources(Queue deadLetters) {
    return template.queues().stream()
        .filter(queue -> {
          Queue.Redrive redrive = queue.redrive();
          return redrive != null && redrive.queueId().equals(deadLetters.id());
        })
        .toList();
  }

  String function(Function function) {
    ObjectNode json = JSONS.objectNode().put("id", function.id());
    json.put("handler", function.handler());
    invocations.list(function.id(), json.putArray("list"));
    return json.toString();
  }

  /** Returns the messages of a queue without receiving them. */
  String queue(Queue queue) {
    ObjectNode json = JSONS.objectNode();
    add(queue, json);
    Optional<List<QueuedMessage>> found = messages(queue, json);
    json.put("looksInside", found.isPresent());
    List<QueuedMessage> all = found.orElse(List.of());
    json.put("more", Math.max(0, all.size() - MESSAGES));
    add(all.subList(0, Math.min(MESSAGES, all.size())), queue, json.putArray("messages"));
    return json.toString();
  }

  /**
   * Returns all messages. Returns none if the queue says that it is empty, because ElasticMQ
   * reports no purge. Returns empty for an external engine.
   */
  private Optional<List<QueuedMessage>> messages(Queue queue, JsonNode counts) {
    return engines.messages(queue).map(all -> counts.path("empty").asBoolean() ? List.of() : all);
  }

  /** Adds messages to a JSON array, in a dead-letter queue with their rows and reasons. */
  private void add(List<QueuedMessage> messages, Queue queue, ArrayNode list) {
    Instant now = Instant.now();
    for (QueuedMessage message : messages) {
      ObjectNode object = list.addObject().put("id", message.id());
      object.put("body", cut(message.body()));
      object.put("sent", message.sent().toString());
      object.put("receives", message.receives());
      boolean hidden = message.visibleFrom().isAfter(now);
      object.put("state", !hidden ? "visible" : message.receives() == 0 ? "delayed" : "in flight");
      if (hidden) {
        object.put("until", message.visibleFrom().toString());
      }
      ObjectNode attributes = object.putObject("attributes");
      message.attributes().forEach((name, value) -> attributes.put(name, cut(value)));
      message
          .movedFrom()
          .flatMap(name -> moved(queue, name))
          .ifPresent(words -> object.put("moved", words));
    }
    if (!sources(queue).isEmpty()) {
      new NamedRows(template, engines.dynamoDbClient()).addTo(list);
      list.forEach(
          message -> reason(message).ifPresent(why -> ((ObjectNode) message).put("reason", why)));
    }
  }

  /** Returns the reason in the message, else in its row, else why SQS moved the message. */
  private static Optional<String> reason(JsonNode message) {
    Stream<JsonNode> attributes =
        Stream.concat(
            Stream.of(message.path("attributes")),
            message.path("rows").valueStream().map(row -> row.path("attributes")));
    return attributes
        .flatMap(all -> REASONS.stream().map(all::path))
        .filter(JsonNode::isTextual)
        .findFirst()
        .or(() -> Optional.of(message.path("moved")).filter(JsonNode::isTextual))
        .map(JsonNode::asText);
  }

  /** Returns why SQS moved a message to this dead-letter queue, if the queue has this source. */
  private Optional<String> moved(Queue deadLetters, String from) {
    return sources(deadLetters).stream()
        .filter(source -> source.name().equals(from))
        .findFirst()
        .map(source ->
            "by SQS from %s, where %s deliveries failed"
                .formatted(
                    source.id(), Objects.requireNonNull(source.redrive()).maxReceiveCount()));
  }

  /**
   * Returns rows of a table, newest first.
   *
   * @param page the number of a page, from 1
   * @throws Rejection if {@code page} is not a number
   */
  String table(Table table, String filter, String page) {
    if (!page.matches("[1-9][0-9]{0,4}")) {
      throw Rejection.badRequest("The parameter page is not a page: pass a number from 1.");
    }
    return new Rows(engines.dynamoDbClient(), table).page(filter, Integer.parseInt(page));
  }

  /** Returns texts unchanged, the size of a binary value, and numbers and other values as JSON. */
  static String shown(AttributeValue value) {
    JsonNode json = json(value);
    return json.isTextual() ? json.asText() : json.toString();
  }

  private static JsonNode json(AttributeValue value) {
    return switch (value.type()) {
      case S -> JSONS.textNode(value.s());
      case N -> JSONS.numberNode(new BigDecimal(value.n()));
      case B -> JSONS.textNode("binary, " + value.b().asByteArrayUnsafe().length + " bytes");
      case BOOL -> JSONS.booleanNode(value.bool());
      case NUL -> JSONS.nullNode();
      case SS -> array(value.ss(), JSONS::textNode);
      case NS -> array(value.ns(), JSONS::textNode);
      case BS -> array(value.bs(), b -> JSONS.textNode(b.asByteArrayUnsafe().length + " bytes"));
      case L -> array(value.l(), View::json);
      case M -> {
        ObjectNode object = JSONS.objectNode();
        new TreeMap<>(value.m()).forEach((name, one) -> object.set(name, json(one)));
        yield object;
      }
      default -> JSONS.textNode(value.toString());
    };
  }

  private static <T> ArrayNode array(
      List<T> values, java.util.function.Function<T, JsonNode> node) {
    return JSONS.arrayNode().addAll(values.stream().map(node).toList());
  }

  static String cut(String text) {
    return text.length() <= TEXT_LIMIT
        ? text
        : text.substring(0, TEXT_LIMIT) + " ... (" + text.length() + " characters)";
  }
}
