package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.sdk.Calls;
import dev.asyncitems.value.UuidV7;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.model.GetItemEnhancedRequest;

/** Reads single rows of a table whose key is an id. */
final class Rows {
  private Rows() {}

  /** Whether an id is one that functions write: a UUID in lower case, as cursors name it. */
  static boolean isKey(String id) {
    return UuidV7.parse(id).filter(uuid -> uuid.toString().equals(id)).isPresent();
  }

  /** The row as the last write left it, if there is one. */
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
}
