package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.system.FaultProxy;
import dev.asyncitems.system.FaultProxy.Fault;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.Delete;
import software.amazon.awssdk.services.dynamodb.model.InternalServerErrorException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.RequestThrottledException;

/** Checks that the SDK recognizes each fault. A fault that it cannot read would test nothing. */
@TestInstance(Lifecycle.PER_CLASS)
final class FaultsIT {
  private final FaultProxy proxy;
  private final SdkAsyncHttpClient http = AwsCrtAsyncHttpClient.create();
  private final DynamoDbAsyncClient dynamoDb;
  private final SqsAsyncClient sqs;

  FaultsIT() throws Exception {
    proxy = FaultProxy.to(URI.create("http://127.0.0.1:1"));
    var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b"));
    dynamoDb =
        DynamoDbAsyncClient.builder()
            .httpClient(http)
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(credentials)
            .endpointOverride(proxy.uri())
            .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()))
            .build();
    sqs =
        SqsAsyncClient.builder()
            .httpClient(http)
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(credentials)
            .endpointOverride(proxy.uri())
            .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()))
            .build();
  }

  @BeforeEach
  void heal() {
    proxy.heal();
  }

  @AfterAll
  void close() {
    dynamoDb.close();
    sqs.close();
    http.close();
    proxy.close();
  }

  @Test
  void throttling() {
    Throwable exceeded = update(Faults.THROUGHPUT_EXCEEDED);
    assertThat(exceeded).isInstanceOf(ProvisionedThroughputExceededException.class);
    assertThat(((AwsServiceException) exceeded).isThrottlingException()).isTrue();

    Throwable throttled = update(Faults.THROTTLED);
    assertThat(((AwsServiceException) throttled).isThrottlingException()).isTrue();
    assertThat(((AwsServiceException) throttled).awsErrorDetails().errorCode())
        .isEqualTo("ThrottlingException");

    Throwable queue = send(Faults.THROTTLED);
    assertThat(queue).isInstanceOf(RequestThrottledException.class);
    assertThat(((AwsServiceException) queue).isThrottlingException()).isTrue();
  }

  @Test
  void conflicts() {
    assertThat(update(Faults.CONFLICT)).isInstanceOf(TransactionConflictException.class);

    assertThat(((TransactionCanceledException) transact(Faults.CONFLICT)).cancellationReasons())
        .extracting(CancellationReason::code)
        .containsExactly("TransactionConflict", "None");
    assertThat(
            ((TransactionCanceledException) transact(Faults.CANCELLED_BY_THROTTLING))
                .cancellationReasons())
        .extracting(CancellationReason::code)
        .containsExactly("ThrottlingError", "None");
    Fault index = Faults.cancelledByLast("ProvisionedThroughputExceeded");
    assertThat(((TransactionCanceledException) transact(index)).cancellationReasons())
        .extracting(CancellationReason::code)
        .containsExactly("None", "ProvisionedThroughputExceeded");
  }

  @Test
  void errors() {
    assertThat(update(Faults.INTERNAL_ERROR)).isInstanceOf(InternalServerErrorException.class);
    assertThat(((AwsServiceException) update(Faults.UNAVAILABLE)).statusCode()).isEqualTo(503);
    assertThat(((AwsServiceException) send(Faults.UNAVAILABLE)).statusCode()).isEqualTo(503);
  }

  @Test
  void resets() {
    assertThat(update(Fault.REFUSE))
        .isInstanceOf(SdkClientException.class)
        .hasMessageContaining("socket");
  }

  private Throwable update(Fault fault) {
    proxy.heal();
    proxy.always(any -> true, fault);
    return failure(
        dynamoDb.updateItem(
            update -> update.tableName("t").key(Map.of("id", AttributeValue.fromS("1")))));
  }

  private Throwable transact(Fault fault) {
    proxy.heal();
    proxy.always(any -> true, fault);
    TransactWriteItem delete =
        TransactWriteItem.builder()
            .delete(
                Delete.builder()
                    .tableName("t")
                    .key(Map.of("id", AttributeValue.fromS("1")))
                    .build())
            .build();
    return failure(dynamoDb.transactWriteItems(write -> write.transactItems(delete, delete)));
  }

  private Throwable send(Fault fault) {
    proxy.heal();
    proxy.always(any -> true, fault);
    return failure(sqs.sendMessage(send -> send.queueUrl(proxy.uri() + "/q").messageBody("a")));
  }

  private static Throwable failure(CompletableFuture<?> call) {
    Throwable failure = call.handle((done, thrown) -> thrown).join();
    assertThat(failure).isNotNull();
    return failure.getCause() == null || failure instanceof SdkClientException
        ? failure
        : failure.getCause();
  }
}
