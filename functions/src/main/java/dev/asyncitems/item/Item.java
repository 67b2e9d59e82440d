package dev.asyncitems.item;

import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.UUID;

/**
 * A version of an item. If another program wrote the item's row, {@code createdAt} and {@code
 * updatedAt} may break the rules below.
 *
 * @param createdAt the time in the id
 * @param updatedAt never before {@code createdAt}
 * @param version 1 for a new item; each write adds 1, and the largest long is followed by 1
 */
public record Item(
    UUID id, ItemContent content, Instant createdAt, Instant updatedAt, long version) {
  static Item create(ItemContent content, Instant now) {
    return create(content, UuidV7.at(now));
  }

  /** Returns a new item, created at its id's time. */
  public static Item create(ItemContent content, UUID id) {
    Instant createdAt = UuidV7.time(id);
    return new Item(id, content, createdAt, createdAt, 1);
  }

  Item next(ItemContent newContent, Instant now) {
    long next = version == Long.MAX_VALUE ? 1 : version + 1;
    return new Item(id, newContent, createdAt, Times.later(now, updatedAt), next);
  }
}
