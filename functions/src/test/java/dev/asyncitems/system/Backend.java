package dev.asyncitems.system;

import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.QUEUE_ARN;

import dev.asyncitems.local.LocalRun;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Access to the tables and queues of a run, as an operator has it. Thread-safe. */
public final class Backend implements AutoCloseable {
  public static final String QUEUE = "NotificationQueue";
  public static final String DEAD_LETTERS = "NotificationDeadLetterQueue";
  public static final String CONSUMER = "LogNotifications";
  public static final String RELAY = "RelayOutbox";

  private static final int BATCH = 10;
  private static final int PUT_BATCH = 25;

  private final LocalRun run;
  private final SdkAsyncHttpClient http;
  private final DynamoDbAsyncClient dynamoDb;
  private final SqsAsyncClient sqs;
  private final Map<String, Set<String>> received = new ConcurrentHashMap<>();

  public Backend(LocalRun run) {
    this.run = run;
    http = AwsCrtAsyncHttpClient.builder().build();
    Region region = Region.of(run.environment(CONSUMER).getOrDefault("AWS_REGION", ""));
    var credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));
    URI dynamoDbEndpoint = run.dynamoDbEndpoint();
    dynamoDb =
        DynamoDbAsyncClient.builder()
            .httpClient(http)
            .region(region)
            .credentialsProvider(credentials)
            .endpointOverride(dynamoDbEndpoint)
            .build();
    sqs =
        SqsAsyncClient.builder()
            .httpClient(http)
            .region(region)
            .credentialsProvider(credentials)
            .endpointOverride(run.sqsEndpoint())
            .build();
  }

  /** Returns the row of a notification, or an empty map if it does not exist. */
  public Map<String, AttributeValue> row(String id) {
    return row("Notifications", id);
  }

  /** Returns the row of a table with an id, or an empty map if it does not exist. */
  public Map<String, AttributeValue> row(String tableId, String id) {
    return dynamoDb
        .getItem(get ->
            get.tableName(run.tableName(tableId))
                .key(Map.of("id", AttributeValue.fromS(id)))
                .consistentRead(true))
        .join()
        .item();
  }

  /** Returns a text or a number of a row, or an empty text if it is missing. */
  public static String text(Map<String, AttributeValue> row, String name) {
    AttributeValue value = row.getOrDefault(name, AttributeValue.fromS(""));
    return value.type() == AttributeValue.Type.N ? value.n() : value.s();
  }

  /** Returns all rows of notifications. */
  public List<Map<String, AttributeValue>> rows() {
    return rows("Notifications");
  }

  /** Returns all rows of a table. */
  public List<Map<String, AttributeValue>> rows(String tableId) {
    List<Map<String, AttributeValue>> rows = new ArrayList<>();
    Map<String, AttributeValue> from = Map.of();
    do {
      Map<String, AttributeValue> start = from;
      ScanResponse page =
          dynamoDb
              .scan(scan -> {
                scan.tableName(run.tableName(tableId)).consistentRead(true);
                if (!start.isEmpty()) {
                  scan.exclusiveStartKey(start);
                }
              })
              .join();
      rows.addAll(page.items());
      from = page.lastEvaluatedKey();
    } while (!from.isEmpty());
    return rows;
  }

  /** Writes rows of notifications unchanged. */
  public void put(List<Map<String, AttributeValue>> rows) {
    put("Notifications", rows);
  }

  /** Writes rows of a table unchanged. */
  public void put(String tableId, List<Map<String, AttributeValue>> rows) {
    write(
        tableId,
        rows.stream()
            .map(row ->
                WriteRequest.builder().putRequest(PutRequest.builder().item(row).build()).build())
            .toList());
  }

  /** Deletes all rows of notifications. */
  public void deleteRows() {
    deleteRows("Notifications");
  }

  /** Deletes all rows of a table whose key is an id. */
  public void deleteRows(String tableId) {
    deleteRows(tableId, rows(tableId).stream().map(row -> text(row, "id")).toList());
  }

  /** Deletes the rows with these ids. */
  public void deleteRows(String tableId, List<String> ids) {
    write(
        tableId,
        ids.stream()
            .map(id ->
                WriteRequest.builder()
                    .deleteRequest(delete -> delete.key(Map.of("id", AttributeValue.fromS(id))))
                    .build())
            .toList());
  }

  private void write(String tableId, List<WriteRequest> writes) {
    for (int from = 0; from < writes.size(); from += PUT_BATCH) {
      List<WriteRequest> some = writes.subList(from, Math.min(from + PUT_BATCH, writes.size()));
      var left =
          dynamoDb
              .batchWriteItem(batch -> batch.requestItems(Map.of(run.tableName(tableId), some)))
              .join()
              .unprocessedItems();
      if (!left.isEmpty()) {
        throw new IllegalStateException("rows were not written");
      }
    }
  }

  /** Sends a text to a queue. */
  public void send(String queueId, String body, Duration delay) {
    sqs.sendMessage(send ->
            send.queueUrl(run.queueUrl(queueId))
                .messageBody(body)
                .delaySeconds((int) delay.toSeconds()))
        .join();
  }

  /** Receives at most ten messages with one call, without waiting. */
  public List<Message> receive(String queueId, int atMost, Duration visibility) {
    return receive(queueId, atMost, visibility, Duration.ZERO);
  }

  /**
   * Receives messages like {@link #receive(String, int, Duration)}, and waits this long for the
   * first.
   */
  public List<Message> receive(String queueId, int atMost, Duration visibility, Duration wait) {
    List<Message> messages =
        sqs.receiveMessage(receive ->
                receive
                    .queueUrl(run.queueUrl(queueId))
                    .maxNumberOfMessages(atMost)
                    .waitTimeSeconds((int) wait.toSeconds())
                    .visibilityTimeout((int) visibility.toSeconds())
                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                    .messageAttributeNames("All"))
            .join()
            .messages();
    messages.forEach(message -> receipts(queueId).add(message.receiptHandle()));
    return messages;
  }

  private Set<String> receipts(String queueId) {
    return received.computeIfAbsent(queueId, id -> ConcurrentHashMap.newKeySet());
  }

  /** Deletes at most ten messages, as Lambda does after a function has finished them. */
  public void delete(String queueId, List<Message> messages) {
    sqs.deleteMessageBatch(delete ->
            delete
                .queueUrl(run.queueUrl(queueId))
                .entries(
                    messages.stream()
                        .map(message ->
                            DeleteMessageBatchRequestEntry.builder()
                                .id(message.messageId())
                                .receiptHandle(message.receiptHandle())
                                .build())
                        .toList()))
        .join();
    messages.forEach(message -> receipts(queueId).remove(message.receiptHandle()));
  }

  /** Deletes all messages, including hidden ones. SQS allows this only once a minute. */
  public void purge(String queueId) {
    sqs.purgeQueue(purge -> purge.queueUrl(run.queueUrl(queueId))).join();
    receipts(queueId).clear();
  }

  /** Receives this many distinct messages and hides them, or fewer if the queue has fewer. */
  public List<Message> take(String queueId, int wanted) {
    List<Message> taken = new ArrayList<>();
    List<Message> more;
    do {
      more = receive(queueId, Math.min(BATCH, Math.max(1, wanted - taken.size())), HIDDEN);
      taken.addAll(more);
    } while (!more.isEmpty() && taken.size() < wanted);
    return taken;
  }

  public static final Duration HIDDEN = Duration.ofMinutes(3);

  /** Returns the reason for a dead letter, or an empty text if the message has none. */
  public static String reason(Message message) {
    return message
        .messageAttributes()
        .getOrDefault("reason", MessageAttributeValue.builder().stringValue("").build())
        .stringValue();
  }

  /** Makes a message visible again. */
  public void release(String queueId, Message message) {
    sqs.changeMessageVisibility(change ->
            change
                .queueUrl(run.queueUrl(queueId))
                .receiptHandle(message.receiptHandle())
                .visibilityTimeout(0))
        .join();
  }

  /**
   * Deletes all messages that this object received, even hidden ones, and all that it can receive
   * now. It avoids PurgeQueue, which SQS allows only once a minute.
   */
  public void empty(String queueId) {
    while (!receive(queueId, BATCH, HIDDEN).isEmpty()) {
      // Each call remembers the receipts.
    }
    Set<String> receipts = receipts(queueId);
    for (String receipt : List.copyOf(receipts)) {
      // A batch accepts receipts of messages that are gone.
      sqs.deleteMessageBatch(delete ->
              delete
                  .queueUrl(run.queueUrl(queueId))
                  .entries(
                      DeleteMessageBatchRequestEntry.builder()
                          .id("one")
                          .receiptHandle(receipt)
                          .build()))
          .join();
      receipts.remove(receipt);
    }
  }

  /** Moves all dead letters back to the queue, as an operator does to replay them. */
  public void redrive() {
    redrive(DEAD_LETTERS, QUEUE);
  }

  /** Moves all dead letters back to their queue. */
  public void redrive(String deadLettersId, String queueId) {
    sqs.startMessageMoveTask(
            move -> move.sourceArn(arn(deadLettersId)).destinationArn(arn(queueId)))
        .join();
  }

  private String arn(String queueId) {
    return attribute(queueId, QUEUE_ARN);
  }

  /** Returns the number of visible messages in a queue. */
  public int visible(String queueId) {
    return Integer.parseInt(attribute(queueId, APPROXIMATE_NUMBER_OF_MESSAGES));
  }

  /** Returns the number of messages in a queue that were received and not deleted. */
  public int inFlight(String queueId) {
    return Integer.parseInt(attribute(queueId, APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
  }

  private String attribute(String queueId, QueueAttributeName name) {
    return sqs.getQueueAttributes(get -> get.queueUrl(run.queueUrl(queueId)).attributeNames(name))
        .join()
        .attributes()
        .getOrDefault(name, "");
  }

  /** Returns a copy of a task's message, as its first delivery. */
  public static Message message(String id) {
    return Message.builder()
        .messageId(UUID.randomUUID().toString())
        .receiptHandle(UUID.randomUUID().toString())
        .body("{\"id\":\"" + id + "\"}")
        .attributesWithStrings(Map.of("ApproximateReceiveCount", "1"))
        .build();
  }

  /** Returns the event with which Lambda delivers messages. */
  public static byte[] batch(List<Message> messages) {
    ObjectNode event = Api.JSON.createObjectNode();
    ArrayNode records = event.putArray("Records");
    for (Message message : messages) {
      ObjectNode record = records.addObject();
      record.put("messageId", message.messageId());
      record.put("receiptHandle", message.receiptHandle());
      record.put("body", message.body());
      ObjectNode attributes = record.putObject("attributes");
      message.attributesAsStrings().forEach(attributes::put);
      ObjectNode own = record.putObject("messageAttributes");
      message
          .messageAttributes()
          .forEach((name, value) -> {
            ObjectNode attribute = own.putObject(name);
            attribute.put("stringValue", value.stringValue());
            if (value.binaryValue() != null) {
              attribute.put("binaryValue", value.binaryValue().asByteArray());
            }
            attribute.put("dataType", value.dataType());
          });
      record.put("eventSource", "aws:sqs");
    }
    return Api.JSON.writeValueAsBytes(event);
  }

  /** Returns the ids of the messages that the consumer's answer reports as failed. */
  public static Set<String> failures(byte[] answer) {
    Set<String> failed = new HashSet<>();
    Api.JSON
        .readTree(new String(answer, StandardCharsets.UTF_8))
        .required("batchItemFailures")
        .forEach(failure -> failed.add(failure.required("itemIdentifier").asString()));
    return failed;
  }

  /** Delivers messages to the consumer and returns the ids of the failed ones. */
  public Set<String> consume(List<Message> messages) {
    return consume(CONSUMER, messages);
  }

  /** Delivers messages to a consumer and returns the ids of the failed ones. */
  public Set<String> consume(String functionId, List<Message> messages) {
    return failures(run.invoke(functionId, batch(messages)));
  }

  @Override
  public void close() {
    dynamoDb.close();
    sqs.close();
    http.close();
  }
}
