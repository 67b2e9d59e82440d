package dev.asyncitems.dynamodb;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.dynamodb.MergedQuery.Merged;
import dev.asyncitems.dynamodb.MergedQuery.Slice;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.Position;
import dev.asyncitems.sdk.Calls;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbAsyncIndex;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.model.QueryConditional;
import software.amazon.awssdk.enhanced.dynamodb.model.QueryEnhancedRequest;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A reader of an index that holds each shard of a list in a partition of its own. Thread-safe. */
final class IndexPages<R> {
  private final DynamoDbAsyncIndex<R> index;
  private final Shards shards;
  private final Comparator<R> order;
  private final Predicate<R> hasKey;
  private final Contention contention;

  /**
   * Creates a reader.
   *
   * @param hasKey returns whether a row is well-formed; other rows are skipped and counted, since a
   *     cursor cannot hold malformed keys
   */
  IndexPages(
      DynamoDb dynamoDb,
      DynamoDbAsyncIndex<R> index,
      Function<R, String> sortKey,
      Predicate<R> hasKey) {
    this.index = index;
    this.shards = dynamoDb.shards();
    this.contention = dynamoDb.contention();
    this.hasKey = hasKey;
    order = Comparator.comparing(sortKey);
  }

  /**
   * Returns a page of rows in descending order of their sort keys.
   *
   * @param before the exclusive upper bound of the sort keys, if any
   */
  CompletableFuture<Page<R>> latest(
      int limit,
      IntFunction<Key.Builder> partition,
      Optional<String> before,
      Function<R, Position> position,
      Deadline deadline) {
    IntFunction<QueryConditional> condition =
        shard -> {
          Key.Builder key = partition.apply(shard);
          return before
              .map(sortKey -> QueryConditional.sortLessThan(key.sortValue(sortKey).build()))
              .orElseGet(() -> QueryConditional.keyEqualTo(key.build()));
        };
    return merge(limit, order.reversed(), condition, false, deadline)
        .thenApply(merged ->
            new Page<>(
                merged.rows(),
                Optional.of(merged.rows())
                    .filter(rows -> merged.more())
                    .map(List::getLast)
                    .map(position)));
  }

  /** Returns at most {@code limit} rows with sort keys below {@code before}, lowest first. */
  CompletableFuture<List<R>> earliest(
      int limit, IntFunction<Key.Builder> partition, String before, Deadline deadline) {
    IntFunction<QueryConditional> condition =
        shard -> QueryConditional.sortLessThan(partition.apply(shard).sortValue(before).build());
    return merge(limit, order, condition, true, deadline).thenApply(Merged::rows);
  }

  private CompletableFuture<Merged<R>> merge(
      int limit,
      Comparator<R> wanted,
      IntFunction<QueryConditional> condition,
      boolean forward,
      Deadline deadline) {
    return MergedQuery.<R, Map<String, AttributeValue>>first(
        limit,
        shards.toRead(),
        wanted,
        (shard, from, size) -> slice(condition.apply(shard), forward, from, size, deadline));
  }

  private CompletableFuture<Slice<R, Map<String, AttributeValue>>> slice(
      QueryConditional condition,
      boolean forward,
      Optional<Map<String, AttributeValue>> from,
      int size,
      Deadline deadline) {
    QueryEnhancedRequest request =
        QueryEnhancedRequest.builder()
            .queryConditional(condition)
            .scanIndexForward(forward)
            .limit(size)
            .exclusiveStartKey(from.orElse(null))
            .build();
    List<Slice<R, Map<String, AttributeValue>>> slices = new ArrayList<>();
    return Calls.start(
        "DynamoDB",
        deadline,
        () ->
            index
                .query(request)
                .limit(1)
                .subscribe(page ->
                    slices.add(
                        new Slice<>(
                            page.items().stream().filter(this::isKept).toList(),
                            Optional.ofNullable(page.lastEvaluatedKey()))))
                .thenApply(done -> slices.getFirst()));
  }

  private boolean isKept(R row) {
    boolean kept = hasKey.test(row);
    if (!kept) {
      contention.skipRow();
    }
    return kept;
  }
}
