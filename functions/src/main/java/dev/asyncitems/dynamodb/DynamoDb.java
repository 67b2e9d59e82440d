package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Retries;
import dev.asyncitems.metric.Contention;
import java.time.Clock;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedAsyncClient;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/**
 * The database as all stores of one function use it. Thread-safe.
 *
 * @param shards the shards of all indexes
 * @param contention counts conflicts and skipped rows
 * @param retries the policy of repeating cancelled transactions and unread keys
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
