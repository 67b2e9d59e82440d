package dev.asyncitems.local.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.engine.Engines;
import dev.asyncitems.local.engine.QueuedMessage;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What the page shows, as JSON. Texts are cut where they are long. Thread-safe. */
final class View {

  /** Rows of one page of a table. */
  static final int ROWS = 25;

  /** Messages of a queue that are shown, the oldest ones. */
  static final int MESSAGES = 50;

  /** Characters of a value or of a message's body. */
  static final int TEXT_LIMIT = 4_000;

  private static final JsonMapper JSON = new JsonMapper();
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
  private final Clock clock;

  View(Template template, Engines engines, Invocations invocations, Clock clock) {
    this.template = template;
    this.engines = engines;
    this.invocations = invocations;
    this.clock = clock;
  }

  /** How everything stands. An engine that doesn't answer leaves its numbers out. */
  String overview() {
    ObjectNode json = JSON.createObjectNode();
    json.put("run", run);
    ArrayNode functions = json.putArray("functions");
    for (Function function : template.functions()) {
      invocations.summary(function.id(), functions.addObject().put("id", function.id()));
    }
    ArrayNode queues = json.putArray("queues");
    for (Queue queue : template.queues()) {
      add(queue, queues.addObject());
    }
    ArrayNode tables = json.putArray("tables");
    for (Table table : template.tables()) {
      ObjectNode object = tables.addObject().put("id", table.id()).put("name", table.name());
      try {
        object.put(
            "rows",
            engines
                .dynamoDbClient()
                .describeTable(r -> r.tableName(table.name()))
                .table()
                .itemCount());
      } catch (SdkException e) {
        object.putNull("rows");
      }
    }
    return text(json);
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

  /** The queues whose dead letters go to that one. */
  List<Queue> sources(Queue deadLetters) {
    return template.queues().stream()
        .filter(queue -> {
          Queue.Redrive redrive = queue.redrive();
          return redrive != null && redrive.queueId().equals(deadLetters.id());
        })
        .toList();
  }

  /** A function's last invocations. */
  String function(Function function) {
    ObjectNode json = JSON.createObjectNode().put("id", function.id());
    json.put("handler", function.handler());
    invocations.list(function.id(), json.putArray("list"));
    return text(json);
  }

  /** A queue's messages, without receiving them. */
  String queue(Queue queue) {
    ObjectNode json = JSON.createObjectNode();
    add(queue, json);
    Optional<List<QueuedMessage>> messages = engines.messages(queue);
    json.put("looksInside", messages.isPresent());
    List<QueuedMessage> all =
        json.path("empty").asBoolean() ? List.of() : messages.orElse(List.of());
    json.put("more", Math.max(0, all.size() - MESSAGES));
    ArrayNode list = json.putArray("messages");
    Instant now = clock.instant();
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
    }
    return text(json);
  }

  /**
   * Rows of a table in scan order.
   *
   * @param from what an earlier answer had as {@code next}, or the empty string
   * @throws IllegalArgumentException if it is something else
   */
  String table(Table table, String from) {
    Map<String, AttributeValue> start = from.isEmpty() ? Map.of() : key(from);
    ScanResponse page =
        engines
            .dynamoDbClient()
            .scan(r -> {
              r.tableName(table.name()).limit(ROWS);
              if (!start.isEmpty()) {
                r.exclusiveStartKey(start);
              }
            });
    ObjectNode json = JSON.createObjectNode().put("id", table.id());
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
    if (page.hasLastEvaluatedKey() && !page.lastEvaluatedKey().isEmpty()) {
      json.put("next", text(page.lastEvaluatedKey()));
    }
    return text(json);
  }

  /** Text and numbers as they are, the rest as JSON. */
  private static String shown(AttributeValue value) {
    JsonNode json = json(value);
    return json.isTextual() ? json.asText() : text(json);
  }

  private static JsonNode json(AttributeValue value) {
    ArrayNode array = JSON.createArrayNode();
    return switch (value.type()) {
      case S -> JSON.getNodeFactory().textNode(value.s());
      case N -> JSON.getNodeFactory().numberNode(new BigDecimal(value.n()));
      case B ->
          JSON.getNodeFactory()
              .textNode("binary, " + value.b().asByteArrayUnsafe().length + " bytes");
      case BOOL -> JSON.getNodeFactory().booleanNode(value.bool());
      case NUL -> JSON.nullNode();
      case SS -> {
        value.ss().forEach(array::add);
        yield array;
      }
      case NS -> {
        value.ns().forEach(array::add);
        yield array;
      }
      case BS -> {
        value.bs().forEach(one -> array.add(one.asByteArrayUnsafe().length + " bytes"));
        yield array;
      }
      case L -> {
        value.l().forEach(one -> array.add(json(one)));
        yield array;
      }
      case M -> {
        ObjectNode object = JSON.createObjectNode();
        new TreeMap<>(value.m()).forEach((name, one) -> object.set(name, json(one)));
        yield object;
      }
      default -> JSON.getNodeFactory().textNode(value.toString());
    };
  }

  /** A key as a text, and back. */
  private static String text(Map<String, AttributeValue> key) {
    ObjectNode json = JSON.createObjectNode();
    key.forEach((name, value) -> {
      ObjectNode typed = json.putObject(name);
      switch (value.type()) {
        case S -> typed.put("S", value.s());
        case N -> typed.put("N", value.n());
        default -> typed.put("B", value.b().asByteArrayUnsafe());
      }
    });
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text(json).getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, AttributeValue> key(String text) {
    Map<String, AttributeValue> key = new TreeMap<>();
    try {
      JsonNode json = JSON.readTree(Base64.getUrlDecoder().decode(text));
      for (String name : (Iterable<String>) json::fieldNames) {
        JsonNode value = json.path(name);
        key.put(
            name,
            value.has("S")
                ? AttributeValue.fromS(value.path("S").asText())
                : value.has("N")
                    ? AttributeValue.fromN(value.path("N").asText())
                    : AttributeValue.fromB(SdkBytes.fromByteArray(value.path("B").binaryValue())));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
    return key;
  }

  private static String cut(String text) {
    return text.length() <= TEXT_LIMIT
        ? text
        : text.substring(0, TEXT_LIMIT) + " ... (" + text.length() + " characters)";
  }

  private static String text(JsonNode json) {
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
