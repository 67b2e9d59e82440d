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
 * A message on the dead-letter queue, or a message made for a failed row without a dead letter.
 *
 * @param message the message, with a receipt handle only if it is on the dead-letter queue
 * @param id the id of the task's row; empty if the message is malformed
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

  /** Returns the reason from the consumer or the relay. A message that SQS moved has no reason. */
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

  /** Returns the size that SQS counts when the message is sent again, in bytes. */
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
   * Returns when the message was sent to the dead-letter queue, or to the source queue if SQS moved
   * it. Without a dead letter, returns when the row failed or was last replayed.
   */
  Instant sentAt() {
    String millis = message.attributes().get(MessageSystemAttributeName.SENT_TIMESTAMP);
    return Instant.ofEpochMilli(millis == null ? 0 : Long.parseLong(millis));
  }
}
