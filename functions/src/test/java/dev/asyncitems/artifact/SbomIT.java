package dev.asyncitems.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bill of materials of the deployed zips. */
final class SbomIT {
  private static final Path ZIP = Path.of("target", "functions.zip");

  /** The library whose files are in docs.zip, without a jar. */
  private static final String PAGE = "swagger-ui";

  /**
   * Libraries of annotations. The bill of materials lists them, but the zip omits them because
   * nothing reads them at run time.
   */
  private static final Set<String> COMPILED_WITH = Set.of("jspecify", "annotations");

  private final List<JsonNode> components =
      new JsonMapper()
          .readTree(Path.of("target", "functions.cdx.json").toFile())
          .required("components")
          .valueStream()
          .toList();

  @Test
  void namesEachJarOfTheZipsAndThePageAndNoOther() throws IOException {
    Set<String> jars = new TreeSet<>(classes(ZIP).keySet());
    jars.addAll(classes(ZIP.resolveSibling("docs.zip")).keySet());

    assertThat(components)
        .filteredOn(library -> !COMPILED_WITH.contains(library.required("name").asString()))
        .extracting(SbomIT::jar)
        .filteredOn(jar -> !jar.startsWith(PAGE + "-"))
        .containsExactlyInAnyOrderElementsOf(jars);
    assertThat(components)
        .extracting(library -> library.required("name").asString())
        .containsOnlyOnce(PAGE);
  }

  @Test
  void namesNoLibraryTwice() {
    assertThat(components)
        .extracting(library -> library.path("group").asString() + ":" + library.path("name"))
        .doesNotHaveDuplicates();
  }

  @Test
  void noClassIsInTwoJars() throws IOException {
    List<String> all = classes(ZIP).values().stream().flatMap(List::stream).toList();

    assertThat(all).hasSizeGreaterThan(5_000).doesNotHaveDuplicates();
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

  private static String jar(JsonNode library) {
    String purl = library.required("purl").asString();
    String classifier =
        purl.contains("classifier=") ? "-" + purl.replaceAll(".*classifier=([^&]*).*", "$1") : "";
    return library.required("name").asString()
        + "-"
        + library.required("version").asString()
        + classifier
        + ".jar";
  }

  private static Map<String, List<String>> classes(Path file) throws IOException {
    Map<String, List<String>> classes = new HashMap<>();
    try (var zip = new ZipInputStream(Files.newInputStream(file))) {
      for (var jar = zip.getNextEntry(); jar != null; jar = zip.getNextEntry()) {
        if (jar.getName().endsWith(".jar")) {
          List<String> names = new ArrayList<>();
          var inner = new ZipInputStream(zip); // Closing it would close the zip.
          for (var entry = inner.getNextEntry(); entry != null; entry = inner.getNextEntry()) {
            if (entry.getName().endsWith(".class")
                && !entry.getName().endsWith("module-info.class")) {
              names.add(entry.getName());
            }
          }
          classes.put(jar.getName().substring(jar.getName().lastIndexOf('/') + 1), names);
        }
      }
    }
    return classes;
  }
}
