package dev.asyncitems.local.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.asyncitems.local.CollidingNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  /** Names that the local run reads, of a length for which collisions can be crafted. */
  @ParameterizedTest
  @ValueSource(strings = {"Records", "headers", "cookies", "rawPath", "method", "jwks_uri"})
  void readsCollidingNamesAndThenTheNextDocument(String name) throws IOException {
    List<String> names = CollidingNames.with(name, CollidingNames.MANY);

    assertThat(Json.read(CollidingNames.object(names))).hasSize(CollidingNames.MANY);

    byte[] next = ("{\"" + name + "\": 7}").getBytes(UTF_8);
    assertThat(Json.read(next).path(name).asInt()).isEqualTo(7);
  }

  @Test
  void rejectsDeeplyNestedDocuments() throws IOException {
    int limit = Json.DEPTH_LIMIT;
    for (int depth : new int[] {limit + 1, 20_000, 1_000_000}) {
      for (String text : List.of("[".repeat(depth), "[".repeat(depth) + "]".repeat(depth))) {
        assertThatExceptionOfType(JsonProcessingException.class)
            .as("%d levels", depth)
            .isThrownBy(() -> Json.read(text.getBytes(UTF_8)))
            .withMessageContaining("nested deeper than " + limit);
      }
    }
    String deepest = "[".repeat(limit) + "]".repeat(limit);
    assertThat(Json.read(deepest.getBytes(UTF_8)).toString()).isEqualTo(deepest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[1,]", "{\"a\":1} 2", "nul", "\u00ff"})
  void rejectsInvalidDocuments(String text) {
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> Json.read(text.getBytes(ISO_8859_1)));
  }

  /** Another mapper would use the shared table of names. */
  @Test
  void noOtherClassOfTheLocalRunReadsJson() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      List<Path> others =
          files
              .filter(file -> file.toString().endsWith(".java") && !file.endsWith("Json.java"))
              .filter(file ->
                  contents(file)
                      .matches(
                          "(?s).*(JsonMapper|ObjectMapper|import"
                              + " com\\.fasterxml\\.[a-z.]*Factory;).*"))
              .toList();
      assertThat(others).isEmpty();
    }
  }

  private static String contents(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
