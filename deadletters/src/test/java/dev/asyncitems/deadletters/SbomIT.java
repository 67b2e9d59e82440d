package dev.asyncitems.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The list of the libraries in the command's jar, which is published beside it. */
final class SbomIT {
  private final JsonNode components =
      new JsonMapper()
          .readTree(Path.of("target", "dead-letters.cdx.json").toFile())
          .required("components");

  @Test
  void listsEachLibraryOnce() {
    assertThat(components)
        .extracting(library -> library.path("group").asString() + ":" + library.path("name"))
        .doesNotHaveDuplicates();
  }

  @Test
  void everyLicenceIsAllowed() {
    List<String> allowed = List.of(System.getProperty("licences").split(","));

    assertThat(components)
        .isNotEmpty()
        .allSatisfy(library ->
            assertThat(library.required("licenses"))
                .as(library.path("purl").asString())
                .isNotEmpty()
                .allMatch(licence -> allowed.contains(licence.at("/license/id").asString())));
  }
}
