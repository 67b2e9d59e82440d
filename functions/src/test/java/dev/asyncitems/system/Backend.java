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

/** The tables and queues of a run, as an operator looks into them. Thread-safe. */
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

  /** The row of a notification; empty when there is none. */
  public Map<String, AttributeValue> row(String id) {
    return dynamoDb
        .getItem(get ->
            get.tableName(run.tableName("Notifications"))
                .key(Map.of("id", AttributeValue.fromS(id)))
                .consistentRead(true))
        .join()
        .item();
  }

  /** A text or a number of a row; empty when it isn't there. */
  public static String text(Map<String, AttributeValue> row, String name) {
    AttributeValue value = row.getOrDefault(name, AttributeValue.fromS(""));
    return value.type() == AttributeValue.Type.N ? value.n() : value.s();
  }

  /** All rows of notifications. */
  public List<Map<String, AttributeValue>> rows() {
    return rows("Notifications");
  }

  /** All rows of a table. */
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

  /** Writes rows of notifications as they are. */
  public void put(List<Map<String, AttributeValue>> rows) {
    put("Notifications", rows);
  }

  /** Writes rows of a table as they are. */
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
    write(
        tableId,
        rows(tableId).stream()
            .map(row ->
                WriteRequest.builder()
                    .deleteRequest(
                        delete -> delete.key(Map.of("id", AttributeValue.fromS(text(row, "id")))))
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

  /** Puts a text on a queue. */
  public void send(String queueId, String body, Duration delay) {
    sqs.sendMessage(send ->
            send.queueUrl(run.queueUrl(queueId))
                .messageBody(body)
                .delaySeconds((int) delay.toSeconds()))
        .join();
  }

  /** What one call receives of a queue, without waiting; ten at most. */
  public List<Message> receive(String queueId, int atMost, Duration visibility) {
    return receive(queueId, atMost, visibility, Duration.ZERO);
  }

  /** As {@link #receive(String, int, Duration)}, waiting so long for the first. */
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

  /** Deletes ten messages at most, as Lambda does with what a function has done. */
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

  /** Deletes all messages, the hidden ones too; SQS itself allows that once a minute. */
  public void purge(String queueId) {
    sqs.purgeQueue(purge -> purge.queueUrl(run.queueUrl(queueId))).join();
    receipts(queueId).clear();
  }

  /** Receives so many messages, each once, and hides them; fewer if there are no more. */
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

  /** Why a message lies on the dead-letter queue; empty when it doesn't say. */
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
   * Deletes the messages of a queue that this received, hidden as they may be, and those that it
   * can receive. Not by PurgeQueue, which SQS allows once a minute.
   */
  public void empty(String queueId) {
    while (!receive(queueId, BATCH, HIDDEN).isEmpty()) {
      // it remembers them
    }
    Set<String> receipts = receipts(queueId);
    for (String receipt : List.copyOf(receipts)) {
      // in a batch, since then it's no error that a message is gone
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

  /** Moves all dead letters back to the queue, as an operator replays them. */
  public void redrive() {
    sqs.startMessageMoveTask(move -> move.sourceArn(arn(DEAD_LETTERS)).destinationArn(arn(QUEUE)))
        .join();
  }

  private String arn(String queueId) {
    return attribute(queueId, QUEUE_ARN);
  }

  /** How many messages of a queue can be received. */
  public int visible(String queueId) {
    return Integer.parseInt(attribute(queueId, APPROXIMATE_NUMBER_OF_MESSAGES));
  }

  /** How many messages of a queue are received and not done. */
  public int inFlight(String queueId) {
    return Integer.parseInt(attribute(queueId, APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
  }

  private String attribute(String queueId, QueueAttributeName name) {
    return sqs.getQueueAttributes(get -> get.queueUrl(run.queueUrl(queueId)).attributeNames(name))
        .join()
        .attributes()
        .getOrDefault(name, "");
  }

  /**
   * The job of a notification as if it lay on the queue once more, delivered for the first time.
   */
  public static Message job(String id) {
    return Message.builder()
        .messageId(UUID.randomUUID().toString())
        .receiptHandle(UUID.randomUUID().toString())
        .body("{\"id\":\"" + id + "\"}")
        .attributesWithStrings(Map.of("ApproximateReceiveCount", "1"))
        .build();
  }

  /** The event by which Lambda hands messages over. */
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

  /** The messages that the consumer's answer names as failed. */
  public static Set<String> failures(byte[] answer) {
    Set<String> failed = new HashSet<>();
    Api.JSON
        .readTree(new String(answer, StandardCharsets.UTF_8))
        .required("batchItemFailures")
        .forEach(failure -> failed.add(failure.required("itemIdentifier").asString()));
    return failed;
  }

  /** Hands messages to the consumer; those that it names as failed. */
  public Set<String> consume(List<Message> messages) {
    return failures(run.invoke(CONSUMER, batch(messages)));
  }

  @Override
  public void close() {
    dynamoDb.close();
    sqs.close();
    http.close();
  }
}
