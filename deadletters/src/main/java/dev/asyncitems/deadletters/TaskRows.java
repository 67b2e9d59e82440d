package dev.asyncitems.deadletters;

import dev.asyncitems.deadletters.DeadLetter.Row;
import dev.asyncitems.deadletters.Main.CommandFailed;
import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** The rows of one kind of task in their table. Thread-safe. */
final class TaskRows {
  /** The maximum number of reads of one batch. The pauses add up to about six seconds. */
  private static final int MAX_READS = 8;

  private static final String INDEX = "outbox";

  /** The maximum value of the parameter WriteShards in {@code template.yaml}. */
  private static final int MAX_SHARDS = 8;

  private final DynamoDbClient client;
  private final String table;

  TaskRows(DynamoDbClient client, String table) {
    this.client = client;
    this.table = table;
  }

  /**
   * Reads rows with strong consistency. Returns the rows that exist, by id.
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

  /**
   * Reads the failed rows with eventual consistency, shard by shard, earliest first in each shard.
   *
   * @return the message of each row, as the relay would send it
   */
  Stream<Message> failed() {
    // WriteShards is not known here, but the partitions of unused shards are empty.
    return IntStream.range(0, MAX_SHARDS)
        .boxed()
        .flatMap(shard ->
            client
                .queryPaginator(r ->
                    r.tableName(table)
                        .indexName(INDEX)
                        .keyConditionExpression(INDEX + " = :partition")
                        .expressionAttributeValues(
                            Map.of(":partition", AttributeValue.fromS("failed#" + shard))))
                .items()
                .stream())
        .flatMap(item -> message(item).stream());
  }

  /**
   * Sets the time of a failed row to the time of its replay. While the message is on its way, the
   * row then does not count as a row without a dead letter.
   */
  void replayed(String id, Instant now) {
    try {
      client.updateItem(r ->
          r.tableName(table)
              .key(Map.of("id", AttributeValue.fromS(id)))
              .conditionExpression("#status = :failed AND attribute_exists(nextDispatchAt)")
              .updateExpression("SET nextDispatchAt = :at")
              .expressionAttributeNames(Map.of("#status", "status"))
              .expressionAttributeValues(
                  Map.of(
                      ":failed", AttributeValue.fromS("failed"),
                      ":at", AttributeValue.fromS(Times.text(now) + "#" + id))));
    } catch (ConditionalCheckFailedException e) {
      // The row is no longer failed.
    }
  }

  // Returns empty for a row with malformed keys. Functions never write such rows.
  private static Optional<Message> message(Map<String, AttributeValue> item) {
    Optional<Instant> time = Times.parse(text(item, "nextDispatchAt").split("#", 2)[0]);
    return UuidV7.parse(text(item, "id"))
        .filter(id -> time.isPresent())
        .map(id ->
            Message.builder()
                .messageId("")
                .body(TaskMessage.body(id))
                .attributesWithStrings(attributes(text(item, "traceHeader"), time.orElseThrow()))
                .messageAttributes(
                    Stream.of(text(item, TaskMessage.REQUEST_ID))
                        .filter(text -> !text.isEmpty())
                        .collect(
                            Collectors.toMap(
                                text -> TaskMessage.REQUEST_ID,
                                text ->
                                    MessageAttributeValue.builder()
                                        .dataType("String")
                                        .stringValue(text)
                                        .build())))
                .build());
  }

  private static Map<String, String> attributes(String traceHeader, Instant time) {
    Map<String, String> attributes = new HashMap<>();
    attributes.put("SentTimestamp", String.valueOf(time.toEpochMilli()));
    if (!traceHeader.isEmpty()) {
      attributes.put("AWSTraceHeader", traceHeader);
    }
    return attributes;
  }

  private static KeysAndAttributes keys(List<String> ids) {
    return KeysAndAttributes.builder()
        .consistentRead(true)
        .keys(ids.stream().map(id -> Map.of("id", AttributeValue.fromS(id))).toList())
        .projectionExpression("id, #status, attempts, failure, deletedAt")
        .expressionAttributeNames(Map.of("#status", "status"))
        .build();
  }

  private static Row row(Map<String, AttributeValue> item) {
    return new Row(
        item.containsKey("deletedAt") ? Row.DELETED : text(item, "status"),
        number(item.get("attempts")),
        Optional.ofNullable(item.get("failure")).map(AttributeValue::s));
  }

  // An unexpected value counts as 0, so that the command can still list the message.
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
