package dev.asyncitems.item;

import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** An item's id. Ids sort by creation time, to the millisecond. */
public record ItemId(UUID value) {
  static ItemId at(Instant time) {
    return new ItemId(UuidV7.at(time));
  }

  /** Reads a UUID in any case. Returns empty if the text is not a UUID. */
  public static Optional<ItemId> parse(String text) {
    return UuidV7.parse(text).map(ItemId::new);
  }

  /** Returns the id in lower case. */
  @Override
  public String toString() {
    return value.toString();
  }
}
