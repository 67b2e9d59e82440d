package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.system.ProjectTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Compares the attributes that {@code docs/data-model.md} names with the attributes of the rows.
 */
final class DataModelTest {
  private static final Pattern NAME = Pattern.compile("`([A-Za-z]+)`");

  @Test
  void namesTheAttributesOfAnItemAndNoOthers() throws IOException {
    assertThat(named("**Items**", "**Tasks**"))
        .containsExactlyInAnyOrderElementsOf(ItemRow.SCHEMA.attributeNames());
  }

  @Test
  void namesTheAttributesOfEveryTaskAndNoOthers() throws IOException {
    List<String> attributes = new ArrayList<>(EntryRow.SCHEMA.attributeNames());
    attributes.add("shard");
    attributes.add("expiresAt"); // No function reads it.

    assertThat(named("**Tasks**", "**Imports**")).containsExactlyInAnyOrderElementsOf(attributes);
  }

  @Test
  void namesTheAttributesOfAChunkAndNoOthers() throws IOException {
    List<String> attributes = new ArrayList<>(ChunkRow.DATA);
    attributes.add("id");
    attributes.add("expiresAt");

    assertThat(named("**Imports**", "**Idempotency**"))
        .containsExactlyInAnyOrderElementsOf(attributes);
  }

  private static List<String> named(String from, String to) throws IOException {
    String page = Files.readString(ProjectTemplate.FILE.resolveSibling("docs/data-model.md"));
    return page.substring(page.indexOf(from), page.indexOf(to))
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.split("\\|", -1)[1])
        .flatMap(cell -> NAME.matcher(cell).results().map(result -> result.group(1)))
        .toList();
  }
}
