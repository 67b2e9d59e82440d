package dev.asyncitems.dynamodb;

import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.primaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondarySortKey;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttribute;

/**
 * The index that lists a table's rows newest first. It is partitioned by shard and sorted by id,
 * which begins with the time of creation.
 */
final class Timeline {
  static final String INDEX = "timeline";
  private static final String SHARD = "shard";

  private Timeline() {}

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
