package dev.asyncitems.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.notification.DeadLetters;
import dev.asyncitems.notification.Job;
import dev.asyncitems.notification.NotificationQueue.Attribute;
import dev.asyncitems.notification.NotificationQueue.Delivery;
import dev.asyncitems.sdk.Calls;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/** The dead-letter queue in SQS; a job's reason is its message attribute {@code reason}. */
public final class SqsDeadLetters implements DeadLetters {
  /** What SQS takes of one message: body and attributes together ("Amazon SQS message quotas"). */
  private static final int MAX_BYTES = 1_048_576;

  private static final int MAX_ATTRIBUTES = 10;

  private final SqsAsyncClient client;
  private final String url;

  /**
   * @param url the dead-letter queue's URL
   */
  public SqsDeadLetters(SqsAsyncClient client, String url) {
    this.client = client;
    this.url = url;
  }

  @Override
  public CompletableFuture<String> put(Delivery delivery, String reason, Deadline deadline) {
    Map<String, MessageAttributeValue> attributes = new HashMap<>();
    delivery.attributes().forEach((name, own) -> attributes.put(name, value(own)));
    return put(delivery.body(), attributes, delivery.traceHeader(), reason, deadline);
  }

  @Override
  public CompletableFuture<String> put(Job job, String reason, Deadline deadline) {
    return put(
        TaskMessage.body(job.id().value()),
        new HashMap<>(SqsNotificationQueue.attributes(job.traceContext())),
        job.traceContext().traceHeader(),
        reason,
        deadline);
  }

  private CompletableFuture<String> put(
      String body,
      Map<String, MessageAttributeValue> attributes,
      Optional<String> traceHeader,
      String reason,
      Deadline deadline) {
    // A message that SQS's own redrive sent again may still hold an earlier reason.
    attributes.remove(TaskMessage.REASON);
    addReason(body, attributes, reason);
    SendMessageRequest request =
        SendMessageRequest.builder()
            .queueUrl(url)
            .messageBody(body)
            .messageAttributes(attributes)
            .messageSystemAttributes(SqsNotificationQueue.systemAttributes(traceHeader))
            .build();
    return Calls.start(SqsNotificationQueue.SERVICE, deadline, () -> client.sendMessage(request))
        .thenApply(response -> reason);
  }

  // The log line tells the reason in any case, but only the dead letter can keep the attributes.
  private static void addReason(
      String body, Map<String, MessageAttributeValue> attributes, String reason) {
    MessageAttributeValue value = SqsNotificationQueue.attribute(reason);
    int bytes = body.getBytes(UTF_8).length + bytes(TaskMessage.REASON, value);
    for (var own : attributes.entrySet()) {
      bytes += bytes(own.getKey(), own.getValue());
    }
    if (attributes.size() < MAX_ATTRIBUTES && bytes <= MAX_BYTES) {
      attributes.put(TaskMessage.REASON, value);
    }
  }

  private static int bytes(String name, MessageAttributeValue value) {
    int content =
        value.binaryValue() == null
            ? value.stringValue().getBytes(UTF_8).length
            : value.binaryValue().asByteArrayUnsafe().length;
    return name.getBytes(UTF_8).length + value.dataType().getBytes(UTF_8).length + content;
  }

  private static MessageAttributeValue value(Attribute attribute) {
    MessageAttributeValue.Builder value =
        MessageAttributeValue.builder().dataType(attribute.type());
    attribute.text().ifPresent(value::stringValue);
    attribute.bytes().ifPresent(bytes -> value.binaryValue(SdkBytes.fromByteBuffer(bytes)));
    return value.build();
  }
}
