package dev.asyncitems.dynamodb;

import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.Price;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;

/** An item's row. Mutable and not thread-safe. */
final class ItemRow {
  static final TableSchema<ItemRow> SCHEMA =
      new LenientSchema<>(ItemRow.class, ItemRow::new)
          .id(row -> row.id, (row, v) -> row.id = v)
          .shard(row -> row.shard, (row, v) -> row.shard = v)
          .text("name", row -> row.name, (row, v) -> row.name = v)
          .text("description", row -> row.description, (row, v) -> row.description = v)
          .number("price", BigDecimal.class, row -> row.price, (row, v) -> row.price = v)
          .texts("tags", row -> row.tags, (row, v) -> row.tags = v)
          .text("createdAt", row -> row.createdAt, (row, v) -> row.createdAt = v)
          .text("updatedAt", row -> row.updatedAt, (row, v) -> row.updatedAt = v)
          .number("version", BigDecimal.class, row -> row.version, (row, v) -> row.version = v)
          .build();

  private String id = "";
  private @Nullable Integer shard;
  private String name = "";
  private @Nullable String description;
  private @Nullable BigDecimal price;
  private List<String> tags = List.of();
  private String createdAt = "";
  private String updatedAt = "";
  private BigDecimal version = BigDecimal.ONE;

  /** Returns the row of a new item, with its shard. The shard never changes. */
  static ItemRow of(Item item, Shards shards) {
    ItemRow row = of(item);
    row.shard = shards.of(item.id());
    return row;
  }

  /** Returns the row of an item without a shard, since updates do not change the shard. */
  static ItemRow of(Item item) {
    ItemRow row = new ItemRow();
    row.id = item.id().toString();
    row.name = item.content().name();
    row.description = item.content().description().orElse(null);
    row.price = item.content().price().value().orElseThrow();
    row.tags = item.content().tags();
    row.createdAt = Times.text(item.createdAt());
    row.updatedAt = Times.text(item.updatedAt());
    row.version = BigDecimal.valueOf(item.version());
    return row;
  }

  String id() {
    return id;
  }

  /**
   * Returns the item, even if the row breaks the current rules. An unreadable {@code createdAt}
   * becomes the time in the id, and an unreadable {@code updatedAt} becomes {@code createdAt}. A
   * version is truncated to a whole number, or becomes 1 if it is missing, below 1 or too large for
   * a long.
   */
  Item toItem() {
    UUID uuid = UUID.fromString(id);
    Instant created = Times.parse(createdAt).orElseGet(() -> UuidV7.time(uuid));
    return new Item(
        uuid,
        new ItemContent(
            name,
            Optional.ofNullable(description),
            price == null ? Price.UNKNOWN : new Price(price),
            tags),
        created,
        Times.parse(updatedAt).orElse(created),
        readVersion());
  }

  private long readVersion() {
    BigInteger whole = version.toBigInteger();
    return whole.signum() > 0 && whole.bitLength() < Long.SIZE ? whole.longValue() : 1;
  }
}
