package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.system.ProjectTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/data-model.md} names the attributes of the rows. */
final class DataModelTest {
  private static final Pattern NAME = Pattern.compile("`([A-Za-z]+)`");

  @Test
  void namesTheAttributesOfAnItemAndNoOthers() throws IOException {
    String page = Files.readString(ProjectTemplate.FILE.resolveSibling("docs/data-model.md"));
    String table = page.substring(page.indexOf("**Items**"), page.indexOf("**Notifications**"));
    List<String> named =
        table
            .lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.split("\\|", -1)[1])
            .flatMap(cell -> NAME.matcher(cell).results().map(result -> result.group(1)))
            .toList();

    assertThat(named).containsExactlyInAnyOrderElementsOf(ItemRow.SCHEMA.attributeNames());
  }
}
