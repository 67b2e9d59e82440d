package dev.asyncitems.deadletters;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.asyncitems.message.TaskMessage;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;

/**
 * A message on the dead-letter queue, or the message of a failed row without a dead letter.
 *
 * @param message the message as received from SQS, with its receipt handle if it is on the queue
 * @param id the id of the row; empty if the message is malformed
 */
record Letter(Message message, Optional<String> id) {
  static Letter of(Message message) {
    return new Letter(message, TaskMessage.id(message.body()).map(UUID::toString));
  }

  /** Returns whether the message is on the dead-letter queue. */
  boolean isQueued() {
    return message.receiptHandle() != null;
  }

  String body() {
    return message.body();
  }

  /** Returns the reason that the consumer or the relay attached. SQS attaches no reason. */
  Optional<String> reason() {
    return Optional.ofNullable(message.messageAttributes().get(TaskMessage.REASON))
        .map(MessageAttributeValue::stringValue);
  }

  /** Returns the message attributes for a replay, without the reason. */
  Map<String, MessageAttributeValue> attributes() {
    Map<String, MessageAttributeValue> attributes = new HashMap<>(message.messageAttributes());
    attributes.remove(TaskMessage.REASON);
    return attributes;
  }

  /** Returns the X-Ray trace header, the only system attribute that SQS accepts from senders. */
  Map<MessageSystemAttributeNameForSends, MessageSystemAttributeValue> systemAttributes() {
    String trace = message.attributes().get(MessageSystemAttributeName.AWS_TRACE_HEADER);
    return trace == null
        ? Map.of()
        : Map.of(
            MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
            MessageSystemAttributeValue.builder().dataType("String").stringValue(trace).build());
  }

  /** Returns the size of the message when it is sent again, in bytes, as SQS counts it. */
  long bytes() {
    long bytes = message.body().getBytes(UTF_8).length;
    for (var attribute : attributes().entrySet()) {
      MessageAttributeValue value = attribute.getValue();
      bytes += attribute.getKey().getBytes(UTF_8).length + value.dataType().getBytes(UTF_8).length;
      bytes +=
          value.binaryValue() == null
              ? value.stringValue().getBytes(UTF_8).length
              : value.binaryValue().asByteArrayUnsafe().length;
    }
    return bytes;
  }

  /**
   * Returns the time when the message was sent to this queue. If SQS moved the message, returns the
   * time when it was sent to its source queue.
   */
  Instant sentAt() {
    String millis = message.attributes().get(MessageSystemAttributeName.SENT_TIMESTAMP);
    return Instant.ofEpochMilli(millis == null ? 0 : Long.parseLong(millis));
  }
}
