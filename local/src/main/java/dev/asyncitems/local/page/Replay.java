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
 * A replay of messages from a dead-letter queue to a source queue, with their attributes and trace
 * header. SQS's own redrive cannot move a single message, and reports its result only later.
 */
record Replay(SqsClient sqs) {

  private static final int CALL_LIMIT = 10;

  /** The time for which received messages stay hidden if the move is interrupted, in seconds. */
  private static final int HIDDEN = 30;

  /**
   * Moves the visible messages. Messages that arrive later stay, since they may have been moved and
   * failed again. Each message is sent before it is deleted, so an interruption can leave it in
   * both queues.
   *
   * @param id the id of the only message to move; empty to move all messages
   * @return a report with the moved messages
   */
  ReplayReport move(Queue from, Queue to, Optional<String> id) {
    long start = System.currentTimeMillis();
    int left = visible(from);
    ReplayReport report = new ReplayReport(from, to);
    List<Message> others = new ArrayList<>();
    try {
      // A moved message may come back once, so two calls for each message suffice. Without a limit,
      // new messages could keep the loop running.
      for (int calls = 2 * left;
          calls > 0 && left > 0 && (id.isEmpty() || report.moved() == 0);
          calls--) {
        List<Message> messages = receive(from);
        if (messages.isEmpty()) {
          break;
        }
        for (Message message : messages) {
          boolean old = sentAt(message) <= start;
          left -= old ? 1 : 0;
          if (old && (id.isEmpty() || id.get().equals(message.messageId()))) {
            move(message, report);
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
    return report;
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

  private void move(Message message, ReplayReport report) {
    String id =
        sqs.sendMessage(r ->
                r.queueUrl(report.to().url())
                    .messageBody(message.body())
                    .messageAttributes(message.messageAttributes())
                    .messageSystemAttributes(trace(message)))
            .messageId();
    sqs.deleteMessage(r -> r.queueUrl(report.from().url()).receiptHandle(message.receiptHandle()));
    report.add(id, message.body());
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
