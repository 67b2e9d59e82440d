package dev.asyncitems.deadletters;

import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A job on the dead-letter queue.
 *
 * @param message what SQS gave, its receipt handle included
 * @param id the notification that it names; empty when it is malformed
 */
record Job(Message message, Optional<String> id) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String REASON = "reason";

  static Job of(Message message) {
    return new Job(message, id(message.body()));
  }

  private static Optional<String> id(String body) {
    try {
      JsonNode id = JSON.readTree(body).path("id");
      return Optional.of(id.asString("").toLowerCase(Locale.ROOT)).filter(Job::isUuid);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** Whether it is one, in lower case. */
  static boolean isUuid(String text) {
    return text.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  }

  /** Why the consumer or the relay put it there; empty when the queue itself moved it. */
  Optional<String> reason() {
    return Optional.ofNullable(message.messageAttributes().get(REASON))
        .map(MessageAttributeValue::stringValue);
  }

  /** Its attributes as they are to be sent again: without the reason, which is over then. */
  Map<String, MessageAttributeValue> attributes() {
    Map<String, MessageAttributeValue> attributes = new HashMap<>(message.messageAttributes());
    attributes.remove(REASON);
    return attributes;
  }

  /** By which X-Ray follows it further; SQS takes no other from a sender. */
  Map<MessageSystemAttributeNameForSends, MessageSystemAttributeValue> systemAttributes() {
    String trace = message.attributes().get(MessageSystemAttributeName.AWS_TRACE_HEADER);
    return trace == null
        ? Map.of()
        : Map.of(
            MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
            MessageSystemAttributeValue.builder().dataType("String").stringValue(trace).build());
  }

  /** When it was sent; of a job that the queue moved itself, to its first queue. */
  Instant sentAt() {
    String millis = message.attributes().get(MessageSystemAttributeName.SENT_TIMESTAMP);
    return Instant.ofEpochMilli(millis == null ? 0 : Long.parseLong(millis));
  }
}
