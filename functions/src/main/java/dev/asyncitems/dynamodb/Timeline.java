package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.Key;

/**
 * The index that lists a table's rows newest first. It is partitioned by shard and sorted by id.
 * Each id begins with the row's time of creation. Thread-safe.
 */
final class Timeline<R> {
  static final String INDEX = "timeline";

  private final IndexPages<R> pages;
  private final Function<R, String> id;

  Timeline(DynamoDb dynamoDb, DynamoDbAsyncTable<R> table, Function<R, String> id) {
    this.id = id;
    pages = new IndexPages<>(dynamoDb, table.index(INDEX), id, row -> Rows.isKey(id.apply(row)));
  }

  /** Returns a page of rows, newest first, with eventual consistency. */
  CompletableFuture<Page<R>> page(PageRequest request, Deadline deadline) {
    return pages.latest(
        request.limit(),
        shard -> Key.builder().partitionValue(shard),
        request.after().map(position -> position.id().toString()),
        row -> Position.of(UUID.fromString(id.apply(row))),
        deadline);
  }
}
