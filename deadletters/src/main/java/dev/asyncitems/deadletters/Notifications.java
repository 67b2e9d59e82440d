package dev.asyncitems.deadletters;

import dev.asyncitems.deadletters.DeadLetter.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** The table of notifications, as far as it tells what became of a job. Thread-safe. */
final class Notifications {
  private final DynamoDbClient client;
  private final String table;

  Notifications(DynamoDbClient client, String table) {
    this.client = client;
    this.table = table;
  }

  /**
   * The rows of some notifications, by id, as the last write left them.
   *
   * @param ids distinct, at most 100: what BatchGetItem takes
   */
  Map<String, Row> rows(List<String> ids) {
    Map<String, Row> rows = new HashMap<>();
    Map<String, KeysAndAttributes> wanted = ids.isEmpty() ? Map.of() : Map.of(table, keys(ids));
    while (!wanted.isEmpty()) {
      Map<String, KeysAndAttributes> request = wanted;
      BatchGetItemResponse response = client.batchGetItem(r -> r.requestItems(request));
      for (Map<String, AttributeValue> item : response.responses().getOrDefault(table, List.of())) {
        rows.put(text(item, "id"), row(item));
      }
      wanted = response.unprocessedKeys();
    }
    return rows;
  }

  private static KeysAndAttributes keys(List<String> ids) {
    return KeysAndAttributes.builder()
        .consistentRead(true)
        .keys(ids.stream().map(id -> Map.of("id", AttributeValue.fromS(id))).toList())
        .projectionExpression("id, #status, attempts, failure")
        .expressionAttributeNames(Map.of("#status", "status"))
        .build();
  }

  private static Row row(Map<String, AttributeValue> item) {
    AttributeValue attempts = item.get("attempts");
    return new Row(
        text(item, "status"),
        attempts == null ? 0 : Integer.parseInt(attempts.n()),
        Optional.ofNullable(item.get("failure")).map(AttributeValue::s));
  }

  private static String text(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    return value == null ? "" : value.s();
  }
}
