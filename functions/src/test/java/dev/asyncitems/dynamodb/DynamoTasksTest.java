package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** How a put of a new row recognizes the row that an earlier attempt wrote. */
final class DynamoTasksTest {
  private static final Map<String, AttributeValue> ADDED =
      Map.of(
          "id", AttributeValue.fromS("1"),
          "shard", AttributeValue.fromN("0"),
          "status", AttributeValue.fromS("queued"),
          "outbox", AttributeValue.fromS("queued#0"),
          "nextDispatchAt", AttributeValue.fromS("2026-01-15T09:33:00.123Z#1"),
          "price", AttributeValue.fromN("1.50"),
          "message", AttributeValue.fromS("hello"),
          "requestId", AttributeValue.fromS("a"));

  @ParameterizedTest
  @CsvSource({
    "status,         S, done,     true",
    "outbox,         S, failed#0, true",
    "nextDispatchAt, S, later,    true",
    "lastWrite,      S, token,    true",
    "later,          S, attribute of a later release, true",
    "price,          N, 1.5,      true",
    "deletedAt,      S, now,      true",
    "message,        S, other,    false",
    "message,        N, 1,        false",
    "requestId,      S, b,        false"
  })
  void aRowIsTheAddedOneIfNothingButItsProgressChanged(
      String attribute, String type, String value, boolean same) {
    Map<String, AttributeValue> found = new HashMap<>(ADDED);
    found.put(
        attribute, type.equals("S") ? AttributeValue.fromS(value) : AttributeValue.fromN(value));
    assertThat(DynamoTasks.isSame(ADDED, found)).isEqualTo(same);
  }

  @Test
  void aRowWithoutTheRequestOfTheAddedOneIsAnother() {
    Map<String, AttributeValue> found = new HashMap<>(ADDED);
    found.remove("requestId");
    assertThat(DynamoTasks.isSame(ADDED, found)).isFalse();
  }
}
