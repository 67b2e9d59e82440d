package dev.asyncitems.sqs;

import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends.AWS_TRACE_HEADER;

import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.trace.TraceContext;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;

/** The attributes of background tasks' messages. */
final class Messages {
  static final String SERVICE = "SQS";

  private static final String TEXT = "String";

  private Messages() {}

  /** Returns the message attributes that carry a trace context. */
  static Map<String, MessageAttributeValue> attributes(TraceContext trace) {
    return trace
        .requestId()
        .map(id -> Map.of(TaskMessage.REQUEST_ID, attribute(id)))
        .orElseGet(Map::of);
  }

  /** Returns the system attributes that carry a trace header ("Amazon SQS and AWS X-Ray"). */
  static Map<MessageSystemAttributeNameForSends, MessageSystemAttributeValue> systemAttributes(
      Optional<String> traceHeader) {
    return traceHeader
        .map(header ->
            Map.of(
                AWS_TRACE_HEADER,
                MessageSystemAttributeValue.builder().dataType(TEXT).stringValue(header).build()))
        .orElseGet(Map::of);
  }

  static MessageAttributeValue attribute(String text) {
    return MessageAttributeValue.builder().dataType(TEXT).stringValue(text).build();
  }
}
