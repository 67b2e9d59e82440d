package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Capability;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.Needs;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;

/** Compares the cost of a write with a client token and without (docs/decisions/0001). */
@TestInstance(Lifecycle.PER_CLASS)
final class WriteCostIT {
  private final LocalRun run = Lane.run().withoutFront().withoutPollers().start();
  private final DynamoDbAsyncClient client = client(run.dynamoDbEndpoint());
  private final String table = run.tableName("Items");

  @AfterAll
  void close() {
    client.close();
    run.close();
  }

  @Test
  @Needs(Capability.CONSUMED_CAPACITY)
  void aOneItemTransactionTakesTwiceTheUnitsOfAnUpdate() {
    assertThat(transaction(1).join()).isEqualTo(2 * update(1).join());
  }

  private CompletableFuture<Double> transaction(int value) {
    Update update =
        Update.builder()
            .tableName(table)
            .key(Map.of("id", AttributeValue.fromS("transaction")))
            .updateExpression("SET version = :v")
            .expressionAttributeValues(values(value))
            .build();
    return client
        .transactWriteItems(request ->
            request
                .clientRequestToken(UUID.randomUUID().toString())
                .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL)
                .transactItems(TransactWriteItem.builder().update(update).build()))
        .thenApply(response -> response.consumedCapacity().getFirst().capacityUnits());
  }

  private CompletableFuture<Double> update(int value) {
    return client
        .updateItem(request ->
            request
                .tableName(table)
                .key(Map.of("id", AttributeValue.fromS("update")))
                .updateExpression("SET version = :v")
                .expressionAttributeValues(values(value))
                .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL))
        .thenApply(response -> response.consumedCapacity().capacityUnits());
  }

  private static Map<String, AttributeValue> values(int value) {
    return Map.of(":v", AttributeValue.fromN(String.valueOf(value)));
  }

  private static DynamoDbAsyncClient client(URI endpoint) {
    return DynamoDbAsyncClient.builder()
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(AwsCrtAsyncHttpClient.create())
        .build();
  }
}
