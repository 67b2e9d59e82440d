package dev.asyncitems.deadletters;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ListDeadLetterSourceQueuesResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * The jobs that lie on the dead-letter queue when the command starts, each given once. A job that
 * arrives later belongs to a later run, since it may be one that this run has sent and that came
 * back.
 *
 * <p>SQS has no other way to look at messages than to receive them: meanwhile they are hidden from
 * others, and {@link #close()} shows again what is left. Should the process die, SQS does that
 * itself after five minutes. Thread-safe, so that it can be closed when the command is interrupted.
 */
final class DeadLetterQueue implements AutoCloseable {
  /** What SQS takes or gives in one call. */
  static final int MAX_BATCH = 10;

  private static final Duration HIDDEN = Duration.ofMinutes(5);

  /**
   * After so many calls in a row that give nothing new, other senders alone keep the queue busy.
   */
  private static final int MAX_CALLS_WITHOUT_NEWS = 100;

  /** How much SQS's clock may differ from {@link #opened}. */
  private static final Duration DOUBT = Duration.ofSeconds(5);

  private final SqsClient sqs;
  private final String url;
  private final int waitSeconds;
  private final Map<String, String> handles = new HashMap<>();
  private final Set<String> done = new HashSet<>();
  private final Set<String> sent = new HashSet<>();
  private Instant opened = Instant.EPOCH;
  private int later;
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
   * Fixes which jobs are given: those that were sent until now.
   *
   * @return the queues that redrive to this one
   */
  synchronized List<String> open() {
    ListDeadLetterSourceQueuesResponse response =
        sqs.listDeadLetterSourceQueues(r -> r.queueUrl(url));
    opened = time(response.sdkHttpResponse().firstMatchingHeader("Date"), Instant.now());
    return response.queueUrls();
  }

  /**
   * Tells SQS's time, since SQS's clock stamps messages and this machine's may be wrong. SQS tells
   * it in seconds only, so that it counts only where the two differ.
   *
   * @param header the header Date of an answer
   * @param here the time of this machine's clock
   */
  static Instant time(Optional<String> header, Instant here) {
    try {
      return header
          .map(date -> DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from))
          .filter(there -> Duration.between(there, here).abs().compareTo(DOUBT) > 0)
          .orElse(here);
    } catch (DateTimeException e) {
      return here;
    }
  }

  /**
   * Up to ten jobs that were not given before; none when all were, or when it is closed.
   *
   * @throws SdkException if the queue can't be read
   */
  synchronized List<Job> next() {
    for (int calls = 0; calls < MAX_CALLS_WITHOUT_NEWS && !closed; calls++) {
      List<Message> messages =
          sqs.receiveMessage(r ->
                  r.queueUrl(url)
                      .maxNumberOfMessages(MAX_BATCH)
                      .waitTimeSeconds(waitSeconds)
                      .visibilityTimeout((int) HIDDEN.toSeconds())
                      .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                      .messageAttributeNames("All"))
              .messages();
      if (messages.isEmpty()) {
        return List.of();
      }
      List<Job> jobs = messages.stream().filter(this::isNew).map(Job::of).toList();
      later += (int) jobs.stream().filter(this::isLater).count();
      List<Job> given = jobs.stream().filter(job -> !isLater(job)).toList();
      if (!given.isEmpty()) {
        return given;
      }
    }
    return List.of();
  }

  private boolean isNew(Message message) {
    return handles.put(message.messageId(), message.receiptHandle()) == null;
  }

  // About the time of the start, only the bodies tell what came back from what was there before.
  private boolean isLater(Job job) {
    Instant at = job.sentAt();
    return at.isAfter(opened.plus(DOUBT))
        || (at.isAfter(opened.minus(DOUBT)) && sent.contains(job.message().md5OfBody()));
  }

  /** Returns how many jobs were seen that arrived after the start. */
  synchronized int later() {
    return later;
  }

  /** Whether it was closed, by an interrupt say. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Sends jobs to another queue. They stay here until they are deleted: a job that is sent and then
   * not deleted, because the process died in between, is there twice, which the consumer minds not.
   *
   * @param jobs at most ten of the last {@link #next()}, of a size that SQS takes at once
   * @return those that the other queue took; none when this one is closed
   */
  synchronized List<Job> send(List<Job> jobs, String target) {
    if (closed) {
      return List.of();
    }
    List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
    for (Job job : jobs) {
      if (job.isQueued()) {
        sent.add(job.message().md5OfBody());
      }
      entries.add(
          SendMessageBatchRequestEntry.builder()
              .id(String.valueOf(entries.size()))
              .messageBody(job.message().body())
              .messageAttributes(job.attributes())
              .messageSystemAttributes(job.systemAttributes())
              .build());
    }
    return sqs.sendMessageBatch(r -> r.queueUrl(target).entries(entries)).successful().stream()
        .map(entry -> jobs.get(Integer.parseInt(entry.id())))
        .toList();
  }

  /**
   * Deletes jobs for good.
   *
   * @param jobs at most ten of the last {@link #next()}
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

  /** Shows again what is left, best effort: SQS itself does so after five minutes. */
  @Override
  public void close() {
    // before it waits for the lock, so that the thread that has it does nothing more
    closed = true;
    release();
  }

  private synchronized void release() {
    done.forEach(handles::remove);
    List<String> left = List.copyOf(handles.values());
    handles.clear();
    for (int from = 0; from < left.size(); from += MAX_BATCH) {
      List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>();
      for (String handle : left.subList(from, Math.min(from + MAX_BATCH, left.size()))) {
        entries.add(
            ChangeMessageVisibilityBatchRequestEntry.builder()
                .id(String.valueOf(entries.size()))
                .receiptHandle(handle)
                .visibilityTimeout(0)
                .build());
      }
      try {
        sqs.changeMessageVisibilityBatch(r -> r.queueUrl(url).entries(entries));
      } catch (SdkException e) {
        return; // the next call would wait as long for a queue that is away
      }
    }
  }
}
