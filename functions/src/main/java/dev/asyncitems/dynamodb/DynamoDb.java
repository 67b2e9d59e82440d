package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Retries;
import dev.asyncitems.metric.Contention;
import java.time.Clock;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedAsyncClient;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/**
 * The database client and the settings that all stores of one function share. Thread-safe.
 *
 * @param contention counts conflicts and skipped rows
 * @param retries the policy for repeating writes after conflicts and throttling, and reads of
 *     unprocessed keys
 */
public record DynamoDb(
    DynamoDbAsyncClient client,
    DynamoDbEnhancedAsyncClient enhanced,
    Shards shards,
    Contention contention,
    Retries retries,
    Clock clock) {
  public DynamoDb(
      DynamoDbAsyncClient client,
      Shards shards,
      Contention contention,
      Retries retries,
      Clock clock) {
    this(
        client,
        DynamoDbEnhancedAsyncClient.builder().dynamoDbClient(client).extensions().build(),
        shards,
        contention,
        retries,
        clock);
  }

  <R> DynamoDbAsyncTable<R> table(String name, TableSchema<R> schema) {
    return enhanced.table(name, schema);
  }
}
