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
 * The messages that were on the dead-letter queue when the command started. Each is returned once.
 * Later messages are left for the next run, since this run may itself have sent them.
 *
 * <p>SQS hides a received message from other receivers. {@link #close()} makes undeleted messages
 * visible again. If the process dies, they become visible after five minutes. Thread-safe, because
 * the JVM's shutdown hook closes the queue on another thread, for example after Ctrl+C.
 */
final class DeadLetterQueue implements AutoCloseable {
  /** The maximum number of messages in one call to SQS. */
  static final int MAX_BATCH = 10;

  private static final Duration HIDDEN = Duration.ofMinutes(5);

  /**
   * The maximum number of successive calls that return no message of this run. Without this limit,
   * the command might not end while other messages keep arriving.
   */
  private static final int MAX_CALLS_WITHOUT_NEWS = 100;

  /** The maximum difference between SQS's clock and {@link #opened}. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

  private final SqsClient sqs;
  private final String url;
  private final int waitSeconds;
  private final Map<String, String> handles = new HashMap<>();
  private final Set<String> done = new HashSet<>();
  private final Set<String> sent = new HashSet<>();
  private Instant opened = Instant.EPOCH;
  private int later;
  private volatile boolean closed;

  /** Creates a queue. Reading ends when SQS has no message for {@code waitSeconds} (0 to 20). */
  DeadLetterQueue(SqsClient sqs, String url, int waitSeconds) {
    this.sqs = sqs;
    this.url = url;
    this.waitSeconds = waitSeconds;
  }

  /**
   * Opens the queue. Messages that arrive after this call are not returned.
   *
   * @return the URLs of the queues that send their dead letters to this queue
   */
  synchronized List<String> open() {
    ListDeadLetterSourceQueuesResponse response =
        sqs.listDeadLetterSourceQueues(r -> r.queueUrl(url));
    opened = time(response.sdkHttpResponse().firstMatchingHeader("Date"), Instant.now());
    return response.queueUrls();
  }

  /**
   * Returns the current time, corrected if this machine's clock is wrong. SQS's clock sets the
   * messages' timestamps. The header has a resolution of one second, so it is used only if the
   * clocks differ by more than {@link #CLOCK_TOLERANCE}.
   *
   * @param header the Date header of a response from SQS
   * @param here the time by this machine's clock
   */
  static Instant time(Optional<String> header, Instant here) {
    try {
      return header
          .map(date -> DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from))
          .filter(there -> Duration.between(there, here).abs().compareTo(CLOCK_TOLERANCE) > 0)
          .orElse(here);
    } catch (DateTimeException e) {
      return here;
    }
  }

  /**
   * Receives up to ten messages that were not returned before.
   *
   * @return an empty list after the last message, or after {@link #close()}
   * @throws SdkException if the queue cannot be read
   */
  synchronized List<Letter> next() {
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
      List<Letter> letters = messages.stream().filter(this::isNew).map(Letter::of).toList();
      later += (int) letters.stream().filter(this::isLater).count();
      List<Letter> given = letters.stream().filter(letter -> !isLater(letter)).toList();
      if (!given.isEmpty()) {
        return given;
      }
    }
    return List.of();
  }

  private boolean isNew(Message message) {
    return handles.put(message.messageId(), message.receiptHandle()) == null;
  }

  // The clocks may differ by CLOCK_TOLERANCE. If a timestamp is that close to opened, its message
  // counts as later only if this run sent a message with the same body.
  private boolean isLater(Letter letter) {
    Instant at = letter.sentAt();
    return at.isAfter(opened.plus(CLOCK_TOLERANCE))
        || (at.isAfter(opened.minus(CLOCK_TOLERANCE))
            && sent.contains(letter.message().md5OfBody()));
  }

  /** Returns the number of received messages that arrived after {@link #open}. */
  synchronized int later() {
    return later;
  }

  /** Returns whether the queue was closed, for example by the shutdown hook after Ctrl+C. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Sends messages to another queue. They stay on this queue until they are deleted. If the process
   * dies before that, a later replay sends duplicates, which the consumer ignores.
   *
   * @param letters at most ten messages, together within SQS's size limit for a batch
   * @return the messages that SQS accepted; empty if this queue is closed
   */
  synchronized List<Letter> send(List<Letter> letters, String target) {
    if (closed) {
      return List.of();
    }
    List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
    for (Letter letter : letters) {
      if (letter.isQueued()) {
        sent.add(letter.message().md5OfBody());
      }
      entries.add(
          SendMessageBatchRequestEntry.builder()
              .id(String.valueOf(entries.size()))
              .messageBody(letter.message().body())
              .messageAttributes(letter.attributes())
              .messageSystemAttributes(letter.systemAttributes())
              .build());
    }
    return sqs.sendMessageBatch(r -> r.queueUrl(target).entries(entries)).successful().stream()
        .map(entry -> letters.get(Integer.parseInt(entry.id())))
        .toList();
  }

  /**
   * Deletes messages permanently.
   *
   * @param letters at most ten messages that the last {@link #next()} returned
   * @return the messages that SQS deleted
   */
  synchronized List<Letter> delete(List<Letter> letters) {
    if (letters.isEmpty()) {
      return List.of();
    }
    List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
    for (Letter letter : letters) {
      entries.add(
          DeleteMessageBatchRequestEntry.builder()
              .id(String.valueOf(entries.size()))
              .receiptHandle(letter.message().receiptHandle())
              .build());
    }
    List<Letter> gone =
        sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(entries)).successful().stream()
            .map(entry -> letters.get(Integer.parseInt(entry.id())))
            .toList();
    gone.forEach(letter -> done.add(letter.message().messageId()));
    return gone;
  }

  /** Returns the approximate number of hidden messages that other receivers have. */
  synchronized int hiddenByOthers() {
    QueueAttributeName hidden = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;
    String number =
        sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(hidden))
            .attributes()
            .getOrDefault(hidden, "0");
    return Math.max(0, Integer.parseInt(number) - handles.size() + done.size());
  }

  /** Makes the received messages visible again unless they were deleted, best effort. */
  @Override
  public void close() {
    // Sets the flag before it waits for the lock, so that the thread that holds the lock stops.
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
        return; // Another call would probably fail, too, and only after another timeout.
      }
    }
  }
}
