package dev.asyncitems.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.engine.QueuedMessage;
import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.json.Json;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The page's data as JSON. Long texts are cut. Thread-safe. */
final class View {

  /** The maximum number of rows on a page of a table. */
  static final int ROWS = 25;

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
  private static final List<String> NAMES = List.of("visible", "inFlight", "delayed");

  private final String run = UUID.randomUUID().toString();
  private final Template template;
  private final Engines engines;
  private final Invocations invocations;
  private final InjectedFailures failures;
  private final Notices notices;

  View(
      Template template,
      Engines engines,
      Invocations invocations,
      InjectedFailures failures,
      Notices notices) {
    this.template = template;
    this.engines = engines;
    this.invocations = invocations;
    this.failures = failures;
    this.notices = notices;
  }

  /** Returns the state of all functions, queues and tables. A failed engine's counts are null. */
  String overview() {
    ObjectNode json = JSONS.objectNode();
    json.put("run", run);
    notices.list(json.putArray("notices"));
    ArrayNode functions = json.putArray("functions");
    for (Function function : template.functions()) {
      ObjectNode object = functions.addObject().put("id", function.id());
      invocations.summary(function.id(), object);
      failures.left(function.id()).ifPresent(left -> object.put("fails", fails(left)));
    }
    ArrayNode queues = json.putArray("queues");
    for (Queue queue : template.queues()) {
      add(queue, queues.addObject());
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
    Optional<List<QueuedMessage>> messages = engines.messages(queue);
    json.put("looksInside", messages.isPresent());
    List<QueuedMessage> all =
        json.path("empty").asBoolean() ? List.of() : messages.orElse(List.of());
    json.put("more", Math.max(0, all.size() - MESSAGES));
    ArrayNode list = json.putArray("messages");
    Instant now = Instant.now();
    for (QueuedMessage message : all.subList(0, Math.min(MESSAGES, all.size()))) {
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
    }
    return json.toString();
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
   * Returns rows of a table in scan order.
   *
   * @param from the member {@code next} of an earlier response, or the empty string
   * @throws Rejection if {@code from} is malformed
   */
  String table(Table table, String from) {
    Map<String, AttributeValue> start = from.isEmpty() ? Map.of() : key(table, from);
    ScanResponse page = scan(table, start);
    ObjectNode json = JSONS.objectNode().put("id", table.id());
    Set<String> columns = new TreeSet<>();
    page.items().forEach(row -> columns.addAll(row.keySet()));
    ArrayNode names = json.putArray("columns");
    for (Table.KeyPart part : table.key()) {
      names.add(part.attribute());
      columns.remove(part.attribute());
    }
    columns.forEach(names::add);
    ArrayNode rows = json.putArray("rows");
    for (Map<String, AttributeValue> row : page.items()) {
      ArrayNode values = rows.addArray();
      for (JsonNode name : names) {
        AttributeValue value = row.get(name.asText());
        if (value == null) {
          values.addNull();
        } else {
          values.add(cut(shown(value)));
        }
      }
    }
    if (!page.lastEvaluatedKey().isEmpty()) {
      json.put("next", text(page.lastEvaluatedKey()));
    }
    return json.toString();
  }

  private ScanResponse scan(Table table, Map<String, AttributeValue> start) {
    try {
      return engines
          .dynamoDbClient()
          .scan(r ->
              r.tableName(table.name())
                  .limit(ROWS)
                  .exclusiveStartKey(start.isEmpty() ? null : start));
    } catch (AwsServiceException e) {
      // DynamoDB rejects a number of 50 digits, for example.
      if (!start.isEmpty() && e.statusCode() == 400) {
        throw notAPosition(table);
      }
      throw e;
    }
  }

  private static Rejection notAPosition(Table table) {
    return Rejection.badRequest(
        "The parameter from is not a position in %s: omit it, or pass the next of a response."
            .formatted(table.id()));
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

  /** Returns a key as JSON in base64url. */
  private static String text(Map<String, AttributeValue> key) {
    ObjectNode json = JSONS.objectNode();
    key.forEach((name, value) -> {
      ObjectNode typed = json.putObject(name);
      switch (value.type()) {
        case S -> typed.put("S", value.s());
        case N -> typed.put("N", value.n());
        default -> typed.put("B", value.b().asByteArrayUnsafe());
      }
    });
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(json));
  }

  private static Map<String, AttributeValue> key(Table table, String text) {
    Map<String, AttributeValue> key = new TreeMap<>();
    try {
      JsonNode json = Json.read(Base64.getUrlDecoder().decode(text));
      for (Table.KeyPart part : table.key()) {
        JsonNode value = json.path(part.attribute()).path(part.attributeType());
        if (!value.isTextual() || json.size() != table.key().size()) {
          throw notAPosition(table);
        }
        key.put(
            part.attribute(),
            switch (part.attributeType()) {
              case "S" -> AttributeValue.fromS(value.asText());
              case "N" -> AttributeValue.fromN(value.asText());
              default -> AttributeValue.fromB(SdkBytes.fromByteArray(value.binaryValue()));
            });
      }
    } catch (IOException | IllegalArgumentException e) { // The text is not JSON in base64url.
      throw notAPosition(table);
    }
    return key;
  }

  static String cut(String text) {
    return text.length() <= TEXT_LIMIT
        ? text
        : text.substring(0, TEXT_LIMIT) + " ... (" + text.length() + " characters)";
  }
}
