package dev.asyncitems.aws;

import dev.asyncitems.kernel.Deadline;
import dev.asyncitems.notification.DeadLetters;
import dev.asyncitems.notification.NotificationId;
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
  public CompletableFuture<String> put(String body, String reason, Deadline deadline) {
    MessageAttributeValue attribute =
        MessageAttributeValue.builder().dataType("String").stringValue(reason).build();
    SendMessageRequest request =
        SendMessageRequest.builder()
            .queueUrl(url)
            .messageBody(body)
            .messageAttributes(Map.of("reason", attribute))
            .build();
    return Calls.start(SqsNotificationQueue.SERVICE, deadline, () -> client.sendMessage(request))
        .thenApply(response -> reason);
  }

  @Override
  public CompletableFuture<String> put(NotificationId id, String reason, Deadline deadline) {
    return put(SqsNotificationQueue.body(id), reason, deadline);
  }
}
