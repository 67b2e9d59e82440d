package dev.asyncitems.local.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.asyncitems.local.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContractFilesTest {
  private static final String CONTRACT =
      """
      openapi: 3.1.0
      info: {title: Example, version: 1.2.3}
      paths:
        /rows:
          summary: Not an operation
          get: {responses: {200: {description: A page}}}
          post: {responses: {404: {$ref: "#/components/responses/Gone"}}}
        /rows/{id}:
          delete: {responses: {204: {description: Deleted}}}
      x-unmatched: {$ref: "#/components/responses/Gone"}
      components:
        responses:
          Gone: {content: {application/problem+json: {schema: {$ref: "#/components/schemas/Gone"}}}}
        schemas:
          Row: {type: object}
          Gone:
            title: Gone & "away" <now>
            description: |-
              There is *no* row.

              Create <one>.
            properties:
              type: {pattern: "^(/[a-z]+)?/problems/gone$"}
              status: {const: 404}
      """;

  @TempDir private Path root;
  private Path contract;
  private Path folder;

  @BeforeEach
  void createFolder() throws IOException {
    contract = root.resolve("example.yaml");
    folder = Files.createDirectory(root.resolve("docs"));
  }

  @Test
  void listsTheRoutesOfOperationsAlone() throws IOException {
    write(CONTRACT);

    assertThat(Files.readAllLines(root.resolve("routes.txt")))
        .containsExactly("GET /rows", "POST /rows", "DELETE /rows/{id}");
  }

  @Test
  void writesTheWholeContractAsJson() throws IOException {
    write(CONTRACT);

    var json = Json.read(Files.readAllBytes(folder.resolve("openapi.json")));
    assertThat(json.at("/info/version").asText()).isEqualTo("1.2.3");
    assertThat(json.at("/components/schemas/Gone/properties/status/const").isInt()).isTrue();
  }

  @Test
  void writesAPageForEachProblemAndNoOtherSchema() throws IOException {
    write(CONTRACT);

    try (var pages = Files.list(folder.resolve("problems"))) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .containsExactlyInAnyOrder("gone.html", "gone.html.gz");
    }
    assertThat(folder.resolve("problems").resolve("gone.html"))
        .content()
        .contains(
            "<h1>Gone &amp; &quot;away&quot; &lt;now></h1>",
            "Status 404, type <code>/problems/gone</code>",
            """
            <h2>What it means</h2>
            <p>There is <em>no</em> row.</p>
            <h2>What to do</h2>
            <p>Create &lt;one&gt;.</p>
            <h2>What answers it</h2>
            <ul>
            <li><code>POST /rows</code></li>
            <li><code>any other path or method</code></li>
            </ul>
            """);
  }

  @Test
  void compressesEachFileAndListsItsEntityTag() throws IOException {
    Files.writeString(folder.resolve("page.css"), "p {}");

    write(CONTRACT);
    write(CONTRACT); // The compressed files of the first build are no files to serve.

    List<String> listed = Files.readAllLines(folder.resolve("files.txt"));
    assertThat(listed)
        .extracting(ContractFilesTest::file)
        .containsExactly("openapi.json", "page.css", "problems/gone.html");
    // printf 'p {}' | sha256sum | cut -c-16
    assertThat(listed).contains("page.css 48d24394dd48cb69");
    for (String line : listed) {
      Path file = folder.resolve(file(line));
      byte[] compressed = Files.readAllBytes(file.resolveSibling(file.getFileName() + ".gz"));
      assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed)).readAllBytes())
          .isEqualTo(Files.readAllBytes(file));
    }
  }

  @Test
  void rejectsAnotherVersionThanTheProjects() {
    rejects(
        CONTRACT.replace("1.2.3", "1.2.4"),
        "info.version of example.yaml is 1.2.4, but the project's version in pom.xml is 1.2.3: make"
            + " them equal.");
  }

  @Test
  void namesTheLineThatIsNotYaml() {
    rejects("openapi: [3.1.0\n", "example.yaml is not valid YAML: ", "example.yaml, line 2");
  }

  @Test
  void namesWhatTheContractLacks() {
    rejects("- openapi", "example.yaml is not an OpenAPI document: it must be a YAML mapping.");
    rejects("openapi: 3.1.0", "example.yaml needs a value at info.version.");
    rejects("info: {version: 1.2.3}", "example.yaml needs a mapping at paths.");
    rejects(
        CONTRACT.replace("#/components/responses/Gone", "#/components/responses/Lost"),
        "example.yaml needs a mapping at components.responses.Lost.");
    rejects(
        CONTRACT.replace("Create <one>.", ""),
        "The description of components.schemas.Gone in example.yaml needs two paragraphs: what the"
            + " problem means, and what to do.");
  }

  private static String file(String line) {
    return line.substring(0, line.indexOf(' '));
  }

  private void rejects(String text, String... parts) {
    assertThatExceptionOfType(ContractException.class)
        .isThrownBy(() -> write(text))
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  private void write(String text) throws IOException {
    Files.writeString(contract, text);
    ContractFiles.write(contract, folder, "1.2.3");
  }
}
