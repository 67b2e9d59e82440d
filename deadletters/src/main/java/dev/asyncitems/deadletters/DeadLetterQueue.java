package dev.asyncitems.deadletters;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * The dead-letter queue, gone through once. SQS has no other way to look at messages than to
 * receive them: meanwhile they are hidden from others, and {@link #close()} shows again what is
 * left. Should the process die, SQS does that itself after five minutes. Thread-safe, so that it
 * can be closed when the command is interrupted.
 */
final class DeadLetterQueue implements AutoCloseable {
  private static final int CALL_LIMIT = 10;
  private static final Duration HIDDEN = Duration.ofMinutes(5);

  private final SqsClient sqs;
  private final String url;
  private final int waitSeconds;
  private final Map<String, String> handles = new HashMap<>();
  private final List<String> done = new ArrayList<>();
  private volatile boolean closed;

  /**
   * @param waitSeconds how long no more jobs must come until those were all, 0 to 20
   */
  DeadLetterQueue(SqsClient sqs, String url, int waitSeconds) {
    this.sqs = sqs;
    this.url = url;
    this.waitSeconds = waitSeconds;
  }

  /**
   * Up to ten jobs that were not given before; none when all were, or when it is closed.
   *
   * @throws software.amazon.awssdk.core.exception.SdkException if the queue can't be read
   */
  synchronized List<Job> next() {
    while (!closed) {
      List<Message> messages =
          sqs.receiveMessage(r ->
                  r.queueUrl(url)
                      .maxNumberOfMessages(CALL_LIMIT)
                      .waitTimeSeconds(waitSeconds)
                      .visibilityTimeout((int) HIDDEN.toSeconds())
                      .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                      .messageAttributeNames("All"))
              .messages();
      if (messages.isEmpty()) {
        return List.of();
      }
      List<Job> jobs = new ArrayList<>();
      for (Message message : messages) {
        if (handles.put(message.messageId(), message.receiptHandle()) == null) {
          jobs.add(Job.of(message));
        }
      }
      if (!jobs.isEmpty()) {
        return jobs;
      }
    }
    return List.of();
  }

  /** Whether it was closed, by an interrupt say. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Sends jobs to another queue, and takes away those that it took. A job that is sent and then not
   * taken away, because the process died in between, is there twice, which the consumer minds not.
   *
   * @param jobs at most ten, of the last {@link #next()}
   * @return those that were sent
   */
  synchronized List<Job> move(List<Job> jobs, String target) {
    List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
    for (Job job : jobs) {
      entries.add(
          SendMessageBatchRequestEntry.builder()
              .id(String.valueOf(entries.size()))
              .messageBody(job.message().body())
              .messageAttributes(job.attributes())
              .messageSystemAttributes(job.systemAttributes())
              .build());
    }
    List<Job> sent =
        sqs.sendMessageBatch(r -> r.queueUrl(target).entries(entries)).successful().stream()
            .map(entry -> jobs.get(Integer.parseInt(entry.id())))
            .toList();
    delete(sent);
    return sent;
  }

  /**
   * Takes jobs away for good.
   *
   * @param jobs at most ten, of the last {@link #next()}
   * @return those that are gone
   */
  synchronized List<Job> delete(List<Job> jobs) {
    if (jobs.isEmpty()) {
      return List.of();
    }
    List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
    for (Job job : jobs) {
      entries.add(
          DeleteMessageBatchRequestEntry.builder()
              .id(String.valueOf(entries.size()))
              .receiptHandle(job.message().receiptHandle())
              .build());
    }
    List<Job> gone =
        sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(entries)).successful().stream()
            .map(entry -> jobs.get(Integer.parseInt(entry.id())))
            .toList();
    gone.forEach(job -> done.add(job.message().messageId()));
    return gone;
  }

  /** How many jobs others hide just now, about. */
  synchronized int hiddenByOthers() {
    QueueAttributeName hidden = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;
    String number =
        sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(hidden))
            .attributes()
            .getOrDefault(hidden, "0");
    return Math.max(0, Integer.parseInt(number) - handles.size() + done.size());
  }

  /** The queues that redrive to this one. */
  List<String> sources() {
    return sqs.listDeadLetterSourceQueues(r -> r.queueUrl(url)).queueUrls();
  }

  @Override
  public synchronized void close() {
    closed = true;
    done.forEach(handles::remove);
    List<String> left = new ArrayList<>(handles.values());
    for (int from = 0; from < left.size(); from += CALL_LIMIT) {
      List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>();
      for (String handle : left.subList(from, Math.min(from + CALL_LIMIT, left.size()))) {
        entries.add(
            ChangeMessageVisibilityBatchRequestEntry.builder()
                .id(String.valueOf(entries.size()))
                .receiptHandle(handle)
                .visibilityTimeout(0)
                .build());
      }
      sqs.changeMessageVisibilityBatch(r -> r.queueUrl(url).entries(entries));
    }
    handles.clear();
  }
}
