package dev.asyncitems.dynamodb;

import static dev.asyncitems.item.TestItems.LAMP;
import static dev.asyncitems.item.TestItems.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.ItemId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

final class RowUpdateTest {
  @Test
  void setsWhatIsThereAndRemovesWhatIsAbsent() {
    List<String> some = List.of("name", "description");

    assertThat(RowUpdate.of(ItemRow.SCHEMA, row(LAMP), some))
        .isEqualTo(
            new RowUpdate(
                "SET #name = :set_name, #description = :set_description",
                Map.of("#name", "name", "#description", "description"),
                Map.of(
                    ":set_name", AttributeValue.fromS("lamp"),
                    ":set_description", AttributeValue.fromS("bright"))));
    assertThat(RowUpdate.of(ItemRow.SCHEMA, row(named("desk")), some))
        .extracting(RowUpdate::expression)
        .isEqualTo("SET #name = :set_name REMOVE #description");
  }

  @Test
  void maySetOrRemoveAlone() {
    assertThat(RowUpdate.of(ItemRow.SCHEMA, row(named("desk")), List.of("description")))
        .isEqualTo(
            new RowUpdate(" REMOVE #description", Map.of("#description", "description"), Map.of()));
    assertThat(RowUpdate.of(ItemRow.SCHEMA, row(LAMP), List.of("name")).expression())
        .isEqualTo("SET #name = :set_name");
  }

  @Test
  void namesNoKeyOfTheTableOrItsTimeline() {
    assertThat(RowUpdate.of(ItemRow.SCHEMA, row(LAMP)).names().values())
        .doesNotContain("id", "shard")
        .contains("name", "version")
        .hasSize(ItemRow.SCHEMA.attributeNames().size() - 2);
  }

  private static ItemRow row(ItemContent content) {
    ItemId id = ItemId.parse("019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173").orElseThrow();
    return ItemRow.of(new Item(id, content, Instant.EPOCH, Instant.EPOCH, 1));
  }
}
