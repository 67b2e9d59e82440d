package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The handlers that the documents show in full are those of the source code. */
final class ShownCodeTest {
  private static final Path PROJECT =
      ProjectTemplate.FILE.toAbsolutePath().normalize().resolveSibling("");
  private static final Path HANDLERS =
      PROJECT.resolve("functions/src/main/java/dev/asyncitems/function");

  private static final Pattern HANDLER =
      Pattern.compile(
          "^```java\\n(/\\*\\*.*?public final class (\\w+).*?)^```$",
          Pattern.MULTILINE | Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/architecture.md"})
  void isTheSourceCode(String page) throws IOException {
    List<MatchResult> handlers =
        HANDLER.matcher(Files.readString(PROJECT.resolve(page))).results().toList();

    assertThat(handlers).as("handlers in %s", page).isNotEmpty();
    for (MatchResult handler : handlers) {
      Path source = HANDLERS.resolve(handler.group(2) + ".java");
      assertThat(Files.readString(source))
          .as("%s, and %s", source, page)
          .endsWith(handler.group(1));
    }
  }
}
