package dev.asyncitems.deadletters;

import dev.asyncitems.deadletters.DeadLetter.Row;
import dev.asyncitems.deadletters.Main.CommandFailed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** Reads the notifications of dead letters from their table. Thread-safe. */
final class Notifications {
  /** Limits the reads; with the pauses, they take about six seconds. */
  private static final int MAX_READS = 8;

  private final DynamoDbClient client;
  private final String table;

  Notifications(DynamoDbClient client, String table) {
    this.client = client;
    this.table = table;
  }

  /**
   * Reads the rows of notifications, strongly consistent, and returns them by id.
   *
   * @param ids distinct ids, at most 100 (the limit of BatchGetItem)
   * @throws CommandFailed if DynamoDB keeps throttling the reads
   */
  Map<String, Row> rows(List<String> ids) {
    Map<String, Row> rows = new HashMap<>();
    Map<String, KeysAndAttributes> wanted = ids.isEmpty() ? Map.of() : Map.of(table, keys(ids));
    for (int reads = 0; !wanted.isEmpty(); reads++) {
      if (reads == MAX_READS) {
        throw new CommandFailed(
            "DynamoDB throttles reads of the table " + table + ". Run the command again later.");
      }
      pause(reads);
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
    return new Row(
        text(item, "status"),
        number(item.get("attempts")),
        Optional.ofNullable(item.get("failure")).map(AttributeValue::s));
  }

  // An unexpected value in a row must not keep the command from listing the message.
  private static int number(@Nullable AttributeValue value) {
    return value != null && value.n() != null && value.n().matches("[0-9]{1,9}")
        ? Integer.parseInt(value.n())
        : 0;
  }

  // DynamoDB asks clients to back off before they read unprocessed keys again (BatchGetItem).
  private static void pause(int reads) {
    try {
      Thread.sleep(reads == 0 ? 0 : 25L << reads);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailed("Interrupted.");
    }
  }

  private static String text(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    return value == null || value.s() == null ? "" : value.s();
  }
}
