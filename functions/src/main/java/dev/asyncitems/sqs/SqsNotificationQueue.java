package dev.asyncitems.sqs;

import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends.AWS_TRACE_HEADER;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.notification.Job;
import dev.asyncitems.notification.NotificationQueue;
import dev.asyncitems.sdk.Calls;
import dev.asyncitems.trace.TraceContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/** The queue of jobs in SQS. Safe for use by any number of threads. */
public final class SqsNotificationQueue implements NotificationQueue {
  static final String SERVICE = "SQS";
  private static final int MAX_BATCH = 10;

  private final SqsAsyncClient client;
  private final String url;

  /**
   * @param url the queue's URL
   */
  public SqsNotificationQueue(SqsAsyncClient client, String url) {
    this.client = client;
    this.url = url;
  }

  /** What goes beside a job. */
  static Map<String, MessageAttributeValue> attributes(TraceContext traceContext) {
    return traceContext
        .requestId()
        .map(id -> Map.of(TaskMessage.REQUEST_ID, attribute(id)))
        .orElseGet(Map::of);
  }

  /** The same, of those that SQS and Lambda know ("Amazon SQS and AWS X-Ray"). */
  static Map<MessageSystemAttributeNameForSends, MessageSystemAttributeValue> systemAttributes(
      Optional<String> traceHeader) {
    return traceHeader
        .map(header ->
            Map.of(
                AWS_TRACE_HEADER,
                MessageSystemAttributeValue.builder()
                    .dataType("String")
                    .stringValue(header)
                    .build()))
        .orElseGet(Map::of);
  }

  static MessageAttributeValue attribute(String text) {
    return MessageAttributeValue.builder().dataType("String").stringValue(text).build();
  }

  @Override
  public CompletableFuture<Job> enqueue(Job job, Deadline deadline) {
    SendMessageRequest request =
        SendMessageRequest.builder()
            .queueUrl(url)
            .messageBody(TaskMessage.body(job.id().value()))
            .messageAttributes(attributes(job.traceContext()))
            .messageSystemAttributes(systemAttributes(job.traceContext().traceHeader()))
            .build();
    return Calls.start(SERVICE, deadline, () -> client.sendMessage(request))
        .thenApply(response -> job);
  }

  @Override
  public CompletableFuture<Enqueued> enqueueAll(List<Job> jobs, Deadline deadline) {
    List<CompletableFuture<Enqueued>> batches = new ArrayList<>();
    for (int from = 0; from < jobs.size(); from += MAX_BATCH) {
      List<Job> batch = jobs.subList(from, Math.min(from + MAX_BATCH, jobs.size()));
      batches.add(
          enqueueBatch(batch, deadline)
              .exceptionally(
                  failure -> new Enqueued(Set.of(), Optional.of(Futures.cause(failure)))));
    }
    return Futures.all(batches)
        .thenApply(all ->
            new Enqueued(
                all.stream()
                    .flatMap(batch -> batch.taken().stream())
                    .collect(Collectors.toUnmodifiableSet()),
                all.stream().flatMap(batch -> batch.failure().stream()).findFirst()));
  }

  private CompletableFuture<Enqueued> enqueueBatch(List<Job> jobs, Deadline deadline) {
    List<SendMessageBatchRequestEntry> entries =
        jobs.stream()
            .map(job ->
                SendMessageBatchRequestEntry.builder()
                    .id(job.id().toString())
                    .messageBody(TaskMessage.body(job.id().value()))
                    .messageAttributes(attributes(job.traceContext()))
                    .messageSystemAttributes(systemAttributes(job.traceContext().traceHeader()))
                    .build())
            .toList();
    SendMessageBatchRequest request =
        SendMessageBatchRequest.builder().queueUrl(url).entries(entries).build();
    return Calls.start(SERVICE, deadline, () -> client.sendMessageBatch(request))
        .thenApply(response -> {
          Set<String> taken =
              response.successful().stream()
                  .map(SendMessageBatchResultEntry::id)
                  .collect(Collectors.toSet());
          return new Enqueued(
              jobs.stream()
                  .map(Job::id)
                  .filter(id -> taken.contains(id.toString()))
                  .collect(Collectors.toUnmodifiableSet()),
              Optional.empty());
        });
  }

  @Override
  public CompletableFuture<Delivery> deliverAgain(
      Delivery delivery, Duration delay, Deadline deadline) {
    ChangeMessageVisibilityRequest request =
        ChangeMessageVisibilityRequest.builder()
            .queueUrl(url)
            .receiptHandle(delivery.receipt())
            .visibilityTimeout((int) delay.toSeconds())
            .build();
    return Calls.start(SERVICE, deadline, () -> client.changeMessageVisibility(request))
        .thenApply(response -> delivery);
  }

  @Override
  public CompletableFuture<Depth> depth(Deadline deadline) {
    GetQueueAttributesRequest request =
        GetQueueAttributesRequest.builder()
            .queueUrl(url)
            .attributeNames(
                APPROXIMATE_NUMBER_OF_MESSAGES,
                APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED)
            .build();
    return Calls.start(SERVICE, deadline, () -> client.getQueueAttributes(request))
        .thenApply(response ->
            new Depth(
                count(response.attributes(), APPROXIMATE_NUMBER_OF_MESSAGES),
                count(response.attributes(), APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE),
                count(response.attributes(), APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED)));
  }

  private static int count(Map<QueueAttributeName, String> attributes, QueueAttributeName name) {
    return Integer.parseInt(attributes.getOrDefault(name, "0"));
  }
}
