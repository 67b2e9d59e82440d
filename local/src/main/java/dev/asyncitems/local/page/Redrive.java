package dev.asyncitems.local.page;

import dev.asyncitems.local.template.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Sends messages of a dead-letter queue to a queue that they came from, with their attributes and
 * the trace that they are of. SQS's own task for that can't move a chosen one, and says only later
 * what became of it.
 */
record Redrive(SqsClient sqs) {

  private static final int CALL_LIMIT = 10;

  /** How long those stay hidden that are looked at, should this be broken off; in seconds. */
  private static final int HIDDEN = 30;

  /**
   * Moves the messages that are visible now. A message that was sent after the start may be one
   * that failed at once and came back: it is not moved again. Each is sent before it is deleted:
   * should that be broken off, it is there twice.
   *
   * @param id that of the one to move; all without it
   * @return how many were moved
   */
  int move(Queue from, Queue to, Optional<String> id) {
    long start = System.currentTimeMillis();
    int left = visible(from);
    int moved = 0;
    List<Message> others = new ArrayList<>();
    try {
      // As many may come back as are moved; what others send meanwhile doesn't prolong it.
      for (int calls = 2 * left; calls > 0 && left > 0 && (id.isEmpty() || moved == 0); calls--) {
        List<Message> messages = receive(from);
        if (messages.isEmpty()) {
          break;
        }
        for (Message message : messages) {
          boolean old = sentAt(message) <= start;
          left -= old ? 1 : 0;
          if (old && (id.isEmpty() || id.get().equals(message.messageId()))) {
            move(message, from, to);
            moved++;
          } else {
            others.add(message);
          }
        }
      }
    } finally {
      for (Message message : others) {
        sqs.changeMessageVisibility(r ->
            r.queueUrl(from.url()).receiptHandle(message.receiptHandle()).visibilityTimeout(0));
      }
    }
    return moved;
  }

  private int visible(Queue queue) {
    QueueAttributeName visible = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
    return Integer.parseInt(
        sqs.getQueueAttributes(r -> r.queueUrl(queue.url()).attributeNames(visible))
            .attributes()
            .getOrDefault(visible, "0"));
  }

  private List<Message> receive(Queue queue) {
    return sqs.receiveMessage(r ->
            r.queueUrl(queue.url())
                .maxNumberOfMessages(CALL_LIMIT)
                .waitTimeSeconds(0)
                .visibilityTimeout(HIDDEN)
                .messageSystemAttributeNames(
                    MessageSystemAttributeName.AWS_TRACE_HEADER,
                    MessageSystemAttributeName.SENT_TIMESTAMP)
                .messageAttributeNames("All"))
        .messages();
  }

  private static long sentAt(Message message) {
    return Long.parseLong(
        message.attributes().getOrDefault(MessageSystemAttributeName.SENT_TIMESTAMP, "0"));
  }

  private void move(Message message, Queue from, Queue to) {
    sqs.sendMessage(r ->
        r.queueUrl(to.url())
            .messageBody(message.body())
            .messageAttributes(message.messageAttributes())
            .messageSystemAttributes(trace(message)));
    sqs.deleteMessage(r -> r.queueUrl(from.url()).receiptHandle(message.receiptHandle()));
  }

  private static Map<MessageSystemAttributeNameForSends, MessageSystemAttributeValue> trace(
      Message message) {
    String header = message.attributes().get(MessageSystemAttributeName.AWS_TRACE_HEADER);
    return header == null
        ? Map.of()
        : Map.of(
            MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
            MessageSystemAttributeValue.builder().dataType("String").stringValue(header).build());
  }
}
