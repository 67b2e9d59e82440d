package dev.asyncitems.aws;

import dev.asyncitems.kernel.Deadline;
import dev.asyncitems.kernel.Origin;
import dev.asyncitems.notification.DeadLetters;
import dev.asyncitems.notification.Job;
import dev.asyncitems.notification.NotificationQueue.Delivery;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/** The dead-letter queue in SQS; a job's reason is its message attribute {@code reason}. */
final class SqsDeadLetters implements DeadLetters {
  private final SqsAsyncClient client;
  private final String url;

  SqsDeadLetters(SqsAsyncClient client, String url) {
    this.client = client;
    this.url = url;
  }

  @Override
  public CompletableFuture<String> put(Delivery delivery, String reason, Deadline deadline) {
    return put(delivery.body(), delivery.origin(), reason, deadline);
  }

  @Override
  public CompletableFuture<String> put(Job job, String reason, Deadline deadline) {
    return put(SqsNotificationQueue.body(job.id()), job.origin(), reason, deadline);
  }

  private CompletableFuture<String> put(
      String body, Origin origin, String reason, Deadline deadline) {
    Map<String, MessageAttributeValue> attributes =
        new HashMap<>(SqsNotificationQueue.attributes(origin));
    attributes.put("reason", SqsNotificationQueue.attribute(reason));
    SendMessageRequest request =
        SendMessageRequest.builder()
            .queueUrl(url)
            .messageBody(body)
            .messageAttributes(attributes)
            .messageSystemAttributes(SqsNotificationQueue.systemAttributes(origin))
            .build();
    return Calls.start(SqsNotificationQueue.SERVICE, deadline, () -> client.sendMessage(request))
        .thenApply(response -> reason);
  }
}
