package dev.asyncitems.sqs;

import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.lambda.Deliveries;
import dev.asyncitems.sdk.Calls;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityRequest;

/** Operations on the messages that one queue in SQS has delivered. Thread-safe. */
public final class SqsDeliveries implements Deliveries {
  private final SqsAsyncClient client;
  private final String url;
  private final SqsDeadLetters deadLetters;

  public SqsDeliveries(SqsAsyncClient client, String url, SqsDeadLetters deadLetters) {
    this.client = client;
    this.url = url;
    this.deadLetters = deadLetters;
  }

  @Override
  public CompletableFuture<?> delay(SQSMessage message, Duration delay, Deadline deadline) {
    ChangeMessageVisibilityRequest request =
        ChangeMessageVisibilityRequest.builder()
            .queueUrl(url)
            .receiptHandle(message.getReceiptHandle())
            .visibilityTimeout((int) delay.toSeconds())
            .build();
    return Calls.start(Messages.SERVICE, deadline, () -> client.changeMessageVisibility(request));
  }

  @Override
  public CompletableFuture<?> deadLetter(SQSMessage message, String reason, Deadline deadline) {
    return deadLetters.put(message, reason, deadline);
  }
}
