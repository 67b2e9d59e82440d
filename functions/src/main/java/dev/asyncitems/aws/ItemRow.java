package dev.asyncitems.aws;

import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.ItemId;
import dev.asyncitems.item.Price;
import dev.asyncitems.kernel.Times;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.EnhancedType;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;

/** An item as its table keeps it. Mutable, since the mapper fills it; not shared by threads. */
final class ItemRow {
  static final TableSchema<ItemRow> SCHEMA =
      StaticTableSchema.builder(ItemRow.class)
          .newItemSupplier(ItemRow::new)
          .addAttribute(String.class, Timeline.id(row -> row.id, (row, v) -> row.id = v))
          .addAttribute(Integer.class, Timeline.shard(row -> row.shard, (row, v) -> row.shard = v))
          .addAttribute(
              String.class,
              a -> a.name("name").getter(row -> row.name).setter((row, v) -> row.name = v))
          .addAttribute(
              String.class,
              a ->
                  a.name("description")
                      .getter(row -> row.description)
                      .setter((row, v) -> row.description = v))
          .addAttribute(
              BigDecimal.class,
              a -> a.name("price").getter(row -> row.price).setter((row, v) -> row.price = v))
          .addAttribute(
              EnhancedType.listOf(String.class),
              a -> a.name("tags").getter(row -> row.tags).setter((row, v) -> row.tags = v))
          .addAttribute(
              String.class,
              a ->
                  a.name("createdAt")
                      .getter(row -> row.createdAt)
                      .setter((row, v) -> row.createdAt = v))
          .addAttribute(
              String.class,
              a ->
                  a.name("updatedAt")
                      .getter(row -> row.updatedAt)
                      .setter((row, v) -> row.updatedAt = v))
          .addAttribute(
              Long.class,
              a -> a.name("version").getter(row -> row.version).setter((row, v) -> row.version = v))
          .build();

  private String id = "";
  private @Nullable Integer shard;
  private String name = "";
  private @Nullable String description;
  private BigDecimal price = BigDecimal.ZERO;
  private List<String> tags = List.of();
  private String createdAt = "";
  private String updatedAt = "";
  private long version;

  static ItemRow of(Item item, int shards) {
    ItemRow row = new ItemRow();
    row.id = item.id().toString();
    row.shard = Shards.of(item.id().value(), shards);
    row.name = item.content().name();
    row.description = item.content().description().orElse(null);
    row.price = item.content().price().value();
    row.tags = item.content().tags();
    row.createdAt = Times.text(item.createdAt());
    row.updatedAt = Times.text(item.updatedAt());
    row.version = item.version();
    return row;
  }

  String id() {
    return id;
  }

  Item toItem() {
    return new Item(
        new ItemId(UUID.fromString(id)),
        new ItemContent(name, Optional.ofNullable(description), new Price(price), tags),
        Instant.parse(createdAt),
        Instant.parse(updatedAt),
        version);
  }
}
