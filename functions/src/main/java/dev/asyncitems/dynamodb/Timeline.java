package dev.asyncitems.dynamodb;

import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.primaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondarySortKey;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncTable;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttribute;

/**
 * The index that lists a table's rows newest first. It is partitioned by shard and sorted by id,
 * which begins with the time of creation. Thread-safe.
 *
 * @param <R> the row's type
 */
final class Timeline<R> {
  static final String INDEX = "timeline";
  private static final String SHARD = "shard";

  private final IndexPages<R> pages;
  private final Function<R, String> id;

  Timeline(DynamoDb dynamoDb, DynamoDbAsyncTable<R> table, Function<R, String> id) {
    this.id = id;
    pages = new IndexPages<>(dynamoDb, table.index(INDEX), id, row -> Rows.isKey(id.apply(row)));
  }

  /** Returns a page of rows, newest first, eventually consistent. */
  CompletableFuture<Page<R>> page(PageRequest request, Deadline deadline) {
    return pages.latest(
        request.limit(),
        shard -> Key.builder().partitionValue(shard),
        request.after().map(position -> position.id().toString()),
        row -> Position.of(UUID.fromString(id.apply(row))),
        deadline);
  }

  /** Declares the id: the table's partition key and the index's sort key. */
  static <R> Consumer<StaticAttribute.Builder<R, String>> id(
      Function<R, String> getter, BiConsumer<R, String> setter) {
    return attribute ->
        attribute
            .name("id")
            .getter(getter)
            .setter(setter)
            .tags(primaryPartitionKey(), secondarySortKey(INDEX));
  }

  /** Declares the shard: the index's partition key. */
  static <R> Consumer<StaticAttribute.Builder<R, Integer>> shard(
      Function<R, @Nullable Integer> getter, BiConsumer<R, Integer> setter) {
    return LenientAttributes.number(SHARD, Integer.class, getter, setter)
        .andThen(attribute -> attribute.tags(secondaryPartitionKey(INDEX)));
  }
}
