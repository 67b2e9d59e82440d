package dev.asyncitems.item;

import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** An item's id. Ids sort by the millisecond in which their items were created. */
public record ItemId(UUID value) {
  static ItemId at(Instant time) {
    return new ItemId(UuidV7.at(time));
  }

  /** Reads an id in any case; empty when the text is no UUID. */
  public static Optional<ItemId> parse(String text) {
    return UuidV7.parse(text).map(ItemId::new);
  }

  /** The id in lower case. */
  @Override
  public String toString() {
    return value.toString();
  }
}
