package dev.asyncitems.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.events.SQSEvent.MessageAttribute;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.outbox.DeadLetters;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.sdk.Calls;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/**
 * The dead-letter queue of one kind of task in SQS. The message attribute {@code reason} tells why
 * the task failed. Thread-safe.
 */
public final class SqsDeadLetters implements DeadLetters {
  /** The maximum size of a message's body and attributes together ("Amazon SQS message quotas"). */
  private static final int MAX_BYTES = 1_048_576;

  private static final int MAX_ATTRIBUTES = 10;

  private final SqsAsyncClient client;
  private final String url;

  public SqsDeadLetters(SqsAsyncClient client, String url) {
    this.client = client;
    this.url = url;
  }

  @Override
  public CompletableFuture<OutboxEntry> put(OutboxEntry entry, String reason, Deadline deadline) {
    return put(
            TaskMessage.body(entry.id()),
            new HashMap<>(Messages.attributes(entry.trace())),
            entry.trace().traceHeader(),
            reason,
            deadline)
        .thenApply(response -> entry);
  }

  /** Sends a copy of a delivered message, with its own attributes and a reason. */
  CompletableFuture<?> put(SQSMessage message, String reason, Deadline deadline) {
    Map<String, MessageAttributeValue> attributes = new HashMap<>();
    message
        .getMessageAttributes()
        .forEach((name, own) -> value(own).ifPresent(value -> attributes.put(name, value)));
    return put(
        Objects.requireNonNullElse(message.getBody(), ""),
        attributes,
        Optional.ofNullable(message.getAttributes().get("AWSTraceHeader")),
        reason,
        deadline);
  }

  // SQS rejects an attribute without a value.
  private static Optional<MessageAttributeValue> value(MessageAttribute own) {
    MessageAttributeValue.Builder value =
        MessageAttributeValue.builder()
            .dataType(Objects.requireNonNullElse(own.getDataType(), "String"));
    if (own.getStringValue() != null) {
      return Optional.of(value.stringValue(own.getStringValue()).build());
    }
    return Optional.ofNullable(own.getBinaryValue())
        .map(bytes -> value.binaryValue(SdkBytes.fromByteBuffer(bytes)).build());
  }

  private CompletableFuture<?> put(
      String body,
      Map<String, MessageAttributeValue> attributes,
      Optional<String> traceHeader,
      String reason,
      Deadline deadline) {
    // A message that SQS moved back from the dead-letter queue still has its earlier reason.
    attributes.remove(TaskMessage.REASON);
    addReason(body, attributes, reason);
    SendMessageRequest request =
        SendMessageRequest.builder()
            .queueUrl(url)
            .messageBody(body)
            .messageAttributes(attributes)
            .messageSystemAttributes(Messages.systemAttributes(traceHeader))
            .build();
    return Calls.start(Messages.SERVICE, deadline, () -> client.sendMessage(request));
  }

  // Leaves out the reason if the message would exceed SQS's limits. The log line also has the
  // reason, but only the dead letter keeps the message's own attributes.
  private static void addReason(
      String body, Map<String, MessageAttributeValue> attributes, String reason) {
    MessageAttributeValue value = Messages.attribute(reason);
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
}
