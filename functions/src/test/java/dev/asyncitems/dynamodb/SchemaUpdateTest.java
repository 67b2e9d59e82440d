package dev.asyncitems.dynamodb;

import static dev.asyncitems.item.TestItems.LAMP;
import static dev.asyncitems.item.TestItems.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

final class SchemaUpdateTest {
  @Test
  void setsWhatIsThereAndRemovesWhatIsAbsent() {
    SchemaUpdate full = update(LAMP);
    assertThat(full.expression())
        .startsWith("SET #")
        .contains("#name = :set_name", "#description = :set_description")
        .doesNotContain("REMOVE");
    assertThat(full.names()).containsEntry("#name", "name");
    assertThat(full.values()).containsEntry(":set_name", AttributeValue.fromS("lamp"));

    SchemaUpdate least = update(named("desk"));
    assertThat(least.expression())
        .contains("#name = :set_name", " REMOVE ")
        .doesNotContain(":set_description");
    assertThat(least.expression().replaceFirst(".* REMOVE ", "")).contains("#description");
    assertThat(least.values()).doesNotContainKey(":set_description");
  }

  @Test
  void namesNoKeyOfTheTableOrItsTimeline() {
    assertThat(update(LAMP).names().values())
        .doesNotContain("id", "shard")
        .contains("name", "version")
        .hasSize(ItemRow.SCHEMA.attributeNames().size() - 2);
  }

  private static SchemaUpdate update(ItemContent content) {
    UUID id = UuidV7.parse("019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173").orElseThrow();
    Item item = new Item(id, content, Instant.EPOCH, Instant.EPOCH, 1);
    return SchemaUpdate.of(ItemRow.SCHEMA, ItemRow.of(item));
  }
}
