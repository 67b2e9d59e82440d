package dev.asyncitems.sqs;

import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.TaskQueue;
import dev.asyncitems.sdk.Calls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** The queue of one kind of task in SQS. Thread-safe. */
public final class SqsTaskQueue implements TaskQueue {
  private static final int MAX_BATCH = 10;

  private final SqsAsyncClient client;
  private final String url;

  public SqsTaskQueue(SqsAsyncClient client, String url) {
    this.client = client;
    this.url = url;
  }

  @Override
  public CompletableFuture<Sent> send(List<OutboxEntry> entries, Deadline deadline) {
    List<CompletableFuture<Sent>> batches = new ArrayList<>();
    for (int from = 0; from < entries.size(); from += MAX_BATCH) {
      List<OutboxEntry> batch = entries.subList(from, Math.min(from + MAX_BATCH, entries.size()));
      batches.add(
          sendBatch(batch, deadline)
              .exceptionally(failure -> new Sent(Set.of(), Optional.of(Futures.cause(failure)))));
    }
    return Futures.all(batches).thenApply(all -> all.stream().reduce(Sent.NOTHING, Sent::plus));
  }

  private CompletableFuture<Sent> sendBatch(List<OutboxEntry> entries, Deadline deadline) {
    SendMessageBatchRequest request =
        SendMessageBatchRequest.builder()
            .queueUrl(url)
            .entries(entries.stream().map(SqsTaskQueue::message).toList())
            .build();
    return Calls.start(Messages.SERVICE, deadline, () -> client.sendMessageBatch(request))
        .thenApply(response ->
            new Sent(
                response.successful().stream()
                    .map(accepted -> UUID.fromString(accepted.id()))
                    .collect(Collectors.toUnmodifiableSet()),
                response.failed().stream()
                    .findFirst()
                    .map(rejected ->
                        new Unavailable("SQS rejected a message: " + rejected.code()))));
  }

  private static SendMessageBatchRequestEntry message(OutboxEntry entry) {
    return SendMessageBatchRequestEntry.builder()
        .id(entry.id().toString())
        .messageBody(TaskMessage.body(entry.id()))
        .messageAttributes(Messages.attributes(entry.trace()))
        .messageSystemAttributes(Messages.systemAttributes(entry.trace().traceHeader()))
        .build();
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
    return Calls.start(Messages.SERVICE, deadline, () -> client.getQueueAttributes(request))
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
