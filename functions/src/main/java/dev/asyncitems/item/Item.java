package dev.asyncitems.item;

import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;

/**
 * An item at one of its versions.
 *
 * @param createdAt the id's time
 * @param updatedAt never before {@code createdAt}, unless something else wrote the row
 * @param version from 1, one more with every write; 1 again after the last, which only a row that
 *     something else wrote can reach
 */
public record Item(
    ItemId id, ItemContent content, Instant createdAt, Instant updatedAt, long version) {
  static Item create(ItemContent content, Instant now) {
    ItemId id = ItemId.at(now);
    Instant createdAt = UuidV7.time(id.value());
    return new Item(id, content, createdAt, createdAt, 1);
  }

  Item next(ItemContent newContent, Instant now) {
    long next = version == Long.MAX_VALUE ? 1 : version + 1;
    return new Item(id, newContent, createdAt, Times.later(now, updatedAt), next);
  }
}
