package dev.asyncitems.item;

import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.UUID;

/**
 * A version of an item.
 *
 * @param createdAt the id's time, unless another program wrote the row
 * @param updatedAt never before {@code createdAt}, unless another program wrote the row
 * @param version the version from 1, which each write raises by one; after the largest long it is 1
 *     again
 */
public record Item(
    UUID id, ItemContent content, Instant createdAt, Instant updatedAt, long version) {
  static Item create(ItemContent content, Instant now) {
    UUID id = UuidV7.at(now);
    Instant createdAt = UuidV7.time(id);
    return new Item(id, content, createdAt, createdAt, 1);
  }

  Item next(ItemContent newContent, Instant now) {
    long next = version == Long.MAX_VALUE ? 1 : version + 1;
    return new Item(id, newContent, createdAt, Times.later(now, updatedAt), next);
  }
}
