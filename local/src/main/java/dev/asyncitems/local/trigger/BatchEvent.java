package dev.asyncitems.local.trigger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.json.Json;
import java.io.IOException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/**
 * The event of a batch of messages, and the function's response to it ("Using Lambda with Amazon
 * SQS", "Implementing partial batch responses").
 */
final class BatchEvent {

  private BatchEvent() {}

  static byte[] of(List<Message> messages, String queueArn, String region) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    var records = event.putArray("Records");
    for (Message message : messages) {
      ObjectNode node = records.addObject();
      node.put("messageId", message.messageId());
      node.put("receiptHandle", message.receiptHandle());
      node.put("body", message.body());
      ObjectNode attributes = node.putObject("attributes");
      message.attributesAsStrings().forEach(attributes::put);
      ObjectNode own = node.putObject("messageAttributes");
      message.messageAttributes().forEach((name, value) -> attribute(own.putObject(name), value));
      node.put("md5OfBody", message.md5OfBody());
      node.put("eventSource", "aws:sqs");
      node.put("eventSourceARN", queueArn);
      node.put("awsRegion", region);
    }
    return Json.bytes(event);
  }

  private static void attribute(ObjectNode node, MessageAttributeValue value) {
    if (value.stringValue() != null) {
      node.put("stringValue", value.stringValue());
    }
    if (value.binaryValue() != null) {
      node.put(
          "binaryValue", Base64.getEncoder().encodeToString(value.binaryValue().asByteArray()));
    }
    node.putArray("stringListValues");
    node.putArray("binaryListValues");
    node.put("dataType", value.dataType());
  }

  /**
   * Returns the ids of the messages that the function reports as failed.
   *
   * @throws IOException if the response is invalid, so that the whole batch has failed
   */
  static Set<String> failures(byte[] answer, List<Message> messages) throws IOException {
    JsonNode json;
    try {
      json = Json.read(answer);
    } catch (JsonProcessingException e) {
      throw new IOException("the response is not JSON: " + e.getOriginalMessage(), e);
    }
    JsonNode items = json.path("batchItemFailures");
    Set<String> failed = new HashSet<>();
    if (items.isMissingNode() || items.isNull()) {
      return failed;
    }
    if (!items.isArray()) {
      throw new IOException("batchItemFailures is not a list");
    }
    Set<String> known = messages.stream().map(Message::messageId).collect(Collectors.toSet());
    for (JsonNode item : items) {
      String id = item.path("itemIdentifier").asText("");
      if (!known.contains(id)) {
        throw new IOException("batchItemFailures names '" + id + "', which is not in the batch");
      }
      failed.add(id);
    }
    return failed;
  }
}
