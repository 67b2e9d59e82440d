package dev.asyncitems.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.json.Json;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Template;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/**
 * A finder of the rows that messages refer to. A message refers to a row if its body is a JSON
 * object with the table's key, such as {@code {"id": "7"}}. The row often shows what became of the
 * message.
 */
record NamedRows(Template template, DynamoDbClient dynamoDb) {

  /** DynamoDB's maximum size of a sort key, in bytes. */
  private static final int KEY_LIMIT = 1_024;

  /**
   * Adds to each message the rows that it refers to, or nothing if DynamoDB fails.
   *
   * @param messages at most 100 (the limit of BatchGetItem), with their {@code body}
   */
  void addTo(ArrayNode messages) {
    for (Table table : template.tables()) {
      Set<Map<String, AttributeValue>> keys = new HashSet<>();
      messages.forEach(message -> {
        Map<String, AttributeValue> key = key(table, body(message));
        if (!key.isEmpty()) {
          keys.add(key);
        }
      });
      if (!keys.isEmpty()) {
        List<Map<String, AttributeValue>> rows = read(table, keys);
        messages.forEach(message -> add(table, rows, (ObjectNode) message));
      }
    }
  }

  private List<Map<String, AttributeValue>> read(
      Table table, Set<Map<String, AttributeValue>> keys) {
    try {
      KeysAndAttributes wanted = KeysAndAttributes.builder().keys(keys).build();
      return dynamoDb
          .batchGetItem(r -> r.requestItems(Map.of(table.name(), wanted)))
          .responses()
          .getOrDefault(table.name(), List.of());
    } catch (SdkException e) {
      return List.of();
    }
  }

  private static void add(Table table, List<Map<String, AttributeValue>> rows, ObjectNode message) {
    Map<String, AttributeValue> key = key(table, body(message));
    for (Map<String, AttributeValue> row : rows) {
      if (!key.isEmpty() && row.entrySet().containsAll(key.entrySet())) {
        ObjectNode json = message.withArray("rows").addObject().put("table", table.id());
        json.put(
            "key", View.shown(Objects.requireNonNull(key.get(table.key().getFirst().attribute()))));
        ObjectNode attributes = json.putObject("attributes");
        new TreeMap<>(row)
            .forEach((name, value) -> attributes.put(name, View.cut(View.shown(value))));
      }
    }
  }

  private static JsonNode body(JsonNode message) {
    return Json.readIfValid(message.path("body").asText().getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the table's key in a message body, or an empty map if the body has no valid key. */
  private static Map<String, AttributeValue> key(Table table, JsonNode body) {
    Map<String, AttributeValue> key = new TreeMap<>();
    for (Table.KeyPart part : table.key()) {
      JsonNode value = body.path(part.attribute());
      if (part.attributeType().equals("S") && isKeyText(value)) {
        key.put(part.attribute(), AttributeValue.fromS(value.asText()));
      } else if (part.attributeType().equals("N")
          && value.isIntegralNumber()
          && value.canConvertToLong()) {
        key.put(part.attribute(), AttributeValue.fromN(value.asText()));
      } else {
        return Map.of();
      }
    }
    return key;
  }

  private static boolean isKeyText(JsonNode value) {
    int bytes = value.asText().getBytes(StandardCharsets.UTF_8).length;
    return value.isTextual() && bytes > 0 && bytes <= KEY_LIMIT;
  }
}
