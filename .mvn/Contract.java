import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes of {@code openapi.yaml} what the API serves: the contract as JSON and a page for each kind
 * of problem. Lists its routes for the function that answers unmatched ones. Compresses these and
 * the files of the page {@code /docs} beforehand, and lists all of them with their entity tags, so
 * that the function that serves them has nothing left to do.
 *
 * <p>Arguments: the contract, the folder that already holds the page's files, the project's
 * version. The build runs it as a source file; its libraries are on the class path.
 */
final class Contract {
  private static final Parser MARKDOWN = Parser.builder().build();
  private static final List<String> METHODS = List.of("get", "put", "post", "patch", "delete");
  private static final HtmlRenderer HTML = HtmlRenderer.builder().escapeHtml(true).build();

  private final Map<?, ?> root;
  private final Path folder;

  private Contract(Map<?, ?> root, Path folder) {
    this.root = root;
    this.folder = folder;
  }

  public static void main(String... arguments) throws Exception {
    Path source = Path.of(arguments[0]);
    var settings = LoadSettings.builder().setLabel(source.getFileName().toString()).build();
    var root = (Map<?, ?>) new Load(settings).loadFromString(Files.readString(source));
    if (!arguments[2].equals(at(root, "info", "version"))) {
      System.err.printf(
          "info.version of %s is %s, and the project's is %s.%n",
          source, at(root, "info", "version"), arguments[2]);
      System.exit(1);
    }
    var contract = new Contract(root, Path.of(arguments[1]));
    contract.writeRoutes();
    contract.writeJson();
    contract.writeProblemPages();
    contract.compressAndList();
  }

  /** Writes a line such as {@code GET /items} for each operation. */
  private void writeRoutes() throws IOException {
    List<String> routes = new ArrayList<>();
    ((Map<?, ?>) at(root, "paths"))
        .forEach((path, operations) -> {
          for (Object method : ((Map<?, ?>) operations).keySet()) {
            if (METHODS.contains(method)) {
              routes.add(method.toString().toUpperCase(Locale.ROOT) + " " + path);
            }
          }
        });
    Files.write(folder.resolveSibling("routes.txt"), routes, StandardCharsets.US_ASCII);
  }

  private void writeJson() throws IOException {
    Files.write(folder.resolve("openapi.json"), new JsonMapper().writeValueAsBytes(root));
  }

  private void writeProblemPages() throws IOException {
    Path pages = Files.createDirectories(folder.resolve("problems"));
    for (Object schema : ((Map<?, ?>) at(root, "components", "schemas")).values()) {
      if (at(schema, "properties", "type", "pattern") instanceof String pattern) {
        Files.writeString(pages.resolve(problem(pattern) + ".html"), page(schema, pattern));
      }
    }
  }

  /**
   * The name of the kind of problem whose type has that pattern: a base path may come before it.
   */
  private static String problem(String pattern) {
    return pattern.replaceFirst(".*/problems/([a-z-]+)\\$$", "$1");
  }

  private String page(Object schema, String pattern) {
    String title = escaped(at(schema, "title"));
    String[] parts = at(schema, "description").toString().split("\n\n", 2);
    var operations = new StringBuilder();
    for (String operation : operations(pattern)) {
      operations.append("<li><code>").append(escaped(operation)).append("</code></li>\n");
    }
    return """
    <!DOCTYPE html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s – async-items</title>
    <link rel="icon" href="../docs/favicon-32x32.png">
    <link rel="stylesheet" href="../docs/page.css">
    <article>
    <h1>%s</h1>
    <p class="kind">Status %s, type <code>%s</code></p>
    <h2>What it means</h2>
    %s<h2>What to do</h2>
    %s<h2>What answers it</h2>
    <ul>
    %s</ul>
    <nav><a href="../docs">The whole contract</a></nav>
    </article>
    </html>
    """
        .formatted(
            title,
            title,
            at(schema, "properties", "status", "const"),
            "/problems/" + problem(pattern),
            HTML.render(MARKDOWN.parse(parts[0])),
            HTML.render(MARKDOWN.parse(parts[1])),
            operations);
  }

  /** The operations whose answers may have a type of that pattern. */
  private List<String> operations(String pattern) {
    var found = new ArrayList<String>();
    ((Map<?, ?>) at(root, "paths"))
        .forEach((path, item) ->
            ((Map<?, ?>) item)
                .forEach((method, operation) -> {
                  if (operation instanceof Map<?, ?>
                      && mentions(at(operation, "responses"), pattern)) {
                    found.add(method.toString().toUpperCase(Locale.ROOT) + " " + path);
                  }
                }));
    if (mentions(root.get("x-unmatched"), pattern)) {
      found.add("any other path or method");
    }
    return found;
  }

  private boolean mentions(Object node, String pattern) {
    return switch (node) {
      case Map<?, ?> map when map.get("$ref") instanceof String reference ->
          mentions(at(root, (Object[]) reference.substring(2).split("/")), pattern);
      case Map<?, ?> map -> map.values().stream().anyMatch(value -> mentions(value, pattern));
      case List<?> list -> list.stream().anyMatch(value -> mentions(value, pattern));
      case null, default -> pattern.equals(node);
    };
  }

  private void compressAndList() throws IOException, GeneralSecurityException {
    Map<String, String> tags = new TreeMap<>();
    List<Path> files;
    try (var all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).filter(Contract::isServed).toList();
    }
    for (Path file : files) {
      byte[] content = Files.readAllBytes(file);
      var compressed = new ByteArrayOutputStream();
      try (var gzip = new GZIPOutputStream(compressed)) {
        gzip.write(content);
      }
      Files.write(file.resolveSibling(file.getFileName() + ".gz"), compressed.toByteArray());
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      tags.put(
          folder.relativize(file).toString().replace('\\', '/'),
          HexFormat.of().formatHex(hash, 0, 8));
    }
    var list = new StringBuilder();
    tags.forEach((name, tag) -> list.append(name).append(' ').append(tag).append('\n'));
    Files.writeString(folder.resolve("files.txt"), list, StandardCharsets.US_ASCII);
  }

  private static boolean isServed(Path file) {
    String name = file.getFileName().toString();
    return !name.endsWith(".gz") && !name.equals("files.txt");
  }

  private static Object at(Object node, Object... steps) {
    Object here = node;
    for (Object step : steps) {
      here = here instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return here;
  }

  private static String escaped(Object text) {
    return text.toString().replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
