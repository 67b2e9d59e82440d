package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.sdk.Calls;
import dev.asyncitems.value.UuidV7;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.model.GetItemEnhancedRequest;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** Functions that read rows by id. */
final class Rows {
  private static final String ID = "id";
  private static final int MAX_BATCH = 100;

  private Rows() {}

  /** Returns whether an id is a UUID in lower case, the form that functions write. */
  static boolean isKey(String id) {
    return UuidV7.parse(id).filter(uuid -> uuid.toString().equals(id)).isPresent();
  }

  /** Reads a row with strong consistency. Returns empty if no row has the id. */
  static <R> CompletableFuture<Optional<R>> find(
      DynamoDbAsyncTable<R> table, UUID id, Deadline deadline) {
    GetItemEnhancedRequest request =
        GetItemEnhancedRequest.builder()
            .key(Key.builder().partitionValue(id.toString()).build())
            .consistentRead(true)
            .build();
    return Calls.start(
        "DynamoDB", deadline, () -> table.getItem(request).thenApply(Optional::ofNullable));
  }

  /**
   * Returns each row once, in the order of the ids, and omits ids without a row. Fails with {@link
   * dev.asyncitems.call.Unavailable} if DynamoDB does not process all keys in time.
   *
   * @param ids an id may occur twice if its index entry moved during the query
   * @param attributes the attributes to read, among them the id; empty for all
   * @param consistent whether the read is strongly consistent
   */
  static <R> CompletableFuture<List<R>> findAll(
      DynamoDb dynamoDb,
      DynamoDbAsyncTable<R> table,
      List<UUID> ids,
      Set<String> attributes,
      boolean consistent,
      Deadline deadline) {
    Map<String, Map<String, AttributeValue>> found = new ConcurrentHashMap<>();
    List<UUID> distinct = ids.stream().distinct().toList(); // BatchGetItem rejects duplicates
    List<CompletableFuture<?>> batches = new ArrayList<>();
    for (int from = 0; from < distinct.size(); from += MAX_BATCH) {
      List<UUID> batch = distinct.subList(from, Math.min(from + MAX_BATCH, distinct.size()));
      KeysAndAttributes keys = keys(batch, attributes, consistent);
      batches.add(read(dynamoDb, table.tableName(), keys, found, 1, deadline));
    }
    return CompletableFuture.allOf(batches.toArray(CompletableFuture[]::new))
        .thenApply(all ->
            distinct.stream()
                .flatMap(id -> Stream.ofNullable(found.get(id.toString())))
                .map(table.tableSchema()::mapToItem)
                .toList());
  }

  private static KeysAndAttributes keys(
      List<UUID> ids, Set<String> attributes, boolean consistent) {
    KeysAndAttributes.Builder keys =
        KeysAndAttributes.builder()
            .consistentRead(consistent)
            .keys(ids.stream().map(id -> Map.of(ID, AttributeValue.fromS(id.toString()))).toList());
    if (!attributes.isEmpty()) {
      Map<String, String> names =
          attributes.stream().collect(Collectors.toMap(name -> "#" + name, name -> name));
      keys.expressionAttributeNames(names).projectionExpression(String.join(", ", names.keySet()));
    }
    return keys.build();
  }

  private static CompletableFuture<Map<String, Map<String, AttributeValue>>> read(
      DynamoDb dynamoDb,
      String table,
      KeysAndAttributes keys,
      Map<String, Map<String, AttributeValue>> found,
      int attempt,
      Deadline deadline) {
    if (keys.keys().isEmpty()) {
      return CompletableFuture.completedFuture(found);
    }
    BatchGetItemRequest request =
        BatchGetItemRequest.builder().requestItems(Map.of(table, keys)).build();
    return Calls.start("DynamoDB", deadline, () -> dynamoDb.client().batchGetItem(request))
        .thenCompose(response -> {
          response
              .responses()
              .getOrDefault(table, List.of())
              .forEach(row -> found.put(Objects.requireNonNull(row.get(ID)).s(), row));
          KeysAndAttributes unread = response.unprocessedKeys().get(table);
          // DynamoDB recommends a pause before unprocessed keys are read again ("BatchGetItem").
          return unread == null
              ? CompletableFuture.completedFuture(found)
              : dynamoDb
                  .retries()
                  .pause(attempt, deadline)
                  .thenCompose(next -> read(dynamoDb, table, unread, found, next, deadline));
        });
  }
}
