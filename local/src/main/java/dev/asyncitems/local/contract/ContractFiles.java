package dev.asyncitems.local.contract;

import dev.asyncitems.local.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A program that makes the files that the API serves of its OpenAPI document: the document as JSON,
 * and a page for each kind of problem. It also lists the document's routes. It compresses all files
 * beforehand and lists their entity tags, so that the function that serves them computes nothing.
 */
public final class ContractFiles {
  private static final Parser MARKDOWN = Parser.builder().build();
  private static final HtmlRenderer HTML = HtmlRenderer.builder().escapeHtml(true).build();
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");

  private final String name;
  private final Map<?, ?> root;
  private final Path folder;

  private ContractFiles(String name, Map<?, ?> root, Path folder) {
    this.name = name;
    this.root = root;
    this.folder = folder;
  }

  /**
   * Writes the files. The build calls it.
   *
   * @param arguments the contract, the folder that already holds the other served files, and the
   *     project's version
   */
  public static void main(String... arguments) throws IOException {
    try {
      write(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2]);
    } catch (ContractException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Writes {@code openapi.json}, the pages in {@code problems}, a compressed copy of each file in
   * the folder and the list {@code files.txt} of their entity tags. Writes {@code routes.txt}
   * beside the folder.
   *
   * @throws ContractException if the contract is malformed, or has another version than the project
   */
  static void write(Path contract, Path folder, String version) throws IOException {
    String name = contract.getFileName().toString();
    ContractFiles files = new ContractFiles(name, read(contract, name), folder);
    String own = files.text("info", "version");
    if (!own.equals(version)) {
      throw new ContractException(
          "info.version of %s is %s, but the project's version in pom.xml is %s: make them equal."
              .formatted(name, own, version));
    }
    files.writeRoutes();
    Files.write(folder.resolve("openapi.json"), Json.bytes(files.root));
    files.writeProblemPages();
    files.compressAndList();
  }

  private static Map<?, ?> read(Path contract, String name) throws IOException {
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(name).build();
      if (new Load(settings).loadFromString(Files.readString(contract))
          instanceof Map<?, ?> document) {
        return document;
      }
      throw new ContractException(name + " is not an OpenAPI document: it must be a YAML mapping.");
    } catch (YamlEngineException e) {
      throw new ContractException(name + " is not valid YAML: " + e.getMessage());
    }
  }

  /** Writes a line such as {@code GET /items} for each operation. */
  private void writeRoutes() throws IOException {
    List<String> routes = new ArrayList<>();
    for (Object path : map("paths").keySet()) {
      for (Object method : map("paths", path).keySet()) {
        if (METHODS.contains(method)) {
          routes.add(route(method, path));
        }
      }
    }
    Files.write(folder.resolveSibling("routes.txt"), routes, StandardCharsets.US_ASCII);
  }

  private static String route(Object method, Object path) {
    return method.toString().toUpperCase(Locale.ROOT) + " " + path;
  }

  private void writeProblemPages() throws IOException {
    Path pages = Files.createDirectories(folder.resolve("problems"));
    for (Object schema : map("components", "schemas").keySet()) {
      if (at("components", "schemas", schema, "properties", "type", "pattern")
          instanceof String pattern) {
        Files.writeString(pages.resolve(problem(pattern) + ".html"), page(schema, pattern));
      }
    }
  }

  /** Returns the name of the problem whose type has that pattern. A base path may precede it. */
  private static String problem(String pattern) {
    return pattern.replaceFirst(".*/problems/([a-z-]+)\\$$", "$1");
  }

  private String page(Object schema, String pattern) {
    String title = escaped(text("components", "schemas", schema, "title"));
    String[] parts = text("components", "schemas", schema, "description").split("\n\n", 2);
    if (parts.length < 2) {
      throw new ContractException(
          "The description of components.schemas.%s in %s needs two paragraphs: what the problem means, and what to do."
              .formatted(schema, name));
    }
    StringBuilder operations = new StringBuilder();
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
            text("components", "schemas", schema, "properties", "status", "const"),
            "/problems/" + problem(pattern),
            HTML.render(MARKDOWN.parse(parts[0])),
            HTML.render(MARKDOWN.parse(parts[1])),
            operations);
  }

  /** Returns the operations that may respond with a problem of that pattern. */
  private List<String> operations(String pattern) {
    List<String> found = new ArrayList<>();
    for (Object path : map("paths").keySet()) {
      for (Object method : map("paths", path).keySet()) {
        if (mentions(at("paths", path, method, "responses"), pattern)) {
          found.add(route(method, path));
        }
      }
    }
    if (mentions(at("x-unmatched"), pattern)) {
      found.add("any other path or method");
    }
    return found;
  }

  private boolean mentions(@Nullable Object node, String pattern) {
    return switch (node) {
      case Map<?, ?> map when map.get("$ref") instanceof String reference ->
          mentions(map((Object[]) reference.substring(2).split("/")), pattern);
      case Map<?, ?> map -> map.values().stream().anyMatch(value -> mentions(value, pattern));
      case List<?> list -> list.stream().anyMatch(value -> mentions(value, pattern));
      case null, default -> pattern.equals(node);
    };
  }

  private void compressAndList() throws IOException {
    Map<String, String> tags = new TreeMap<>();
    List<Path> files;
    try (var all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).filter(ContractFiles::isServed).toList();
    }
    for (Path file : files) {
      byte[] content = Files.readAllBytes(file);
      ByteArrayOutputStream compressed = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
        gzip.write(content);
      }
      Files.write(file.resolveSibling(file.getFileName() + ".gz"), compressed.toByteArray());
      tags.put(folder.relativize(file).toString().replace('\\', '/'), tag(content));
    }
    StringBuilder list = new StringBuilder();
    tags.forEach((file, tag) -> list.append(file).append(' ').append(tag).append('\n'));
    Files.writeString(folder.resolve("files.txt"), list, StandardCharsets.US_ASCII);
  }

  /** Returns whether a file is served. An earlier build may have left compressed copies. */
  private static boolean isServed(Path file) {
    String name = file.getFileName().toString();
    return !name.endsWith(".gz") && !name.equals("files.txt");
  }

  private static String tag(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java platform has SHA-256.
    }
  }

  private Map<?, ?> map(Object... path) {
    if (at(path) instanceof Map<?, ?> map) {
      return map;
    }
    throw missing("a mapping", path);
  }

  private String text(Object... path) {
    Object text = at(path);
    if (text == null) {
      throw missing("a value", path);
    }
    return text.toString();
  }

  private ContractException missing(String kind, Object... path) {
    String dotted = Stream.of(path).map(Object::toString).collect(Collectors.joining("."));
    return new ContractException("%s needs %s at %s.".formatted(name, kind, dotted));
  }

  private @Nullable Object at(Object... path) {
    Object here = root;
    for (Object step : path) {
      here = here instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return here;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
