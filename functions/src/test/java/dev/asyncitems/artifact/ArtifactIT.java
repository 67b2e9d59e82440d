package dev.asyncitems.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.system.ProjectTemplate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contents of the deployed zips, as {@code mvn package} builds them. */
final class ArtifactIT {
  private static final Path ZIP = Path.of("target", "functions.zip");

  /**
   * The limit for the zip's size in bytes. A larger zip slows every cold start, so raise it only
   * with a reason.
   */
  private static final long MOST_BYTES = 9_500_000;

  /** The zip of {@code GetDocs}, which needs no SDK and serves its own files. */
  private static final Path DOCS_ZIP = Path.of("target", "docs.zip");

  private static final long MOST_BYTES_OF_DOCS = 3_000_000;

  private static final String NATIVES = "lib/libaws-crt-jni.so";

  private final List<String> files = files(ZIP);
  private final List<String> docs = files(DOCS_ZIP);

  @Test
  void carriesTheseJarsAndNoOthers() throws IOException {
    List<String> listed;
    try (var list = requireNonNull(getClass().getResourceAsStream("jars.txt"))) {
      listed =
          new String(list.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .toList();
    }
    var jars =
        files.stream()
            .filter(file -> file.startsWith("lib/") && file.endsWith(".jar"))
            .map(file -> file.substring("lib/".length()))
            .toList();
    var added = jars.stream().filter(jar -> !listed.contains(jar)).toList();
    var gone = listed.stream().filter(jar -> !jars.contains(jar)).toList();
    assertThat(added.isEmpty() && gone.isEmpty())
        .as(
            "lib/ of %s differs from jars.txt (new: %s; gone: %s); if you meant that, change the"
                + " list, and say why in the commit",
            ZIP, added, gone)
        .isTrue();
    assertThat(jars).doesNotHaveDuplicates();
  }

  /**
   * The zip holds the native library of the platform that the build was asked for, and no other.
   */
  @Test
  void carriesTheNativesOfItsTargetAlone() throws IOException {
    // e_machine of the header: "ELF-64 Object File Format"
    int machine =
        switch (System.getProperty("crt.platform")) {
          case "linux-x86_64" -> 62;
          case "linux-aarch_64" -> 183;
          case String other ->
              throw new IllegalArgumentException(other + " is no platform of Lambda");
        };

    assertThat(files).filteredOn(ArtifactIT::isNative).containsExactly(NATIVES);
    try (FileSystem zip = FileSystems.newFileSystem(ZIP)) {
      assertThat(Byte.toUnsignedInt(Files.readAllBytes(zip.getPath(NATIVES))[18]))
          .isEqualTo(machine);
    }
  }

  /** Stored jars and separate native libraries speed up a start: see .mvn/StoredJars.java. */
  @Test
  void itsJarsAreStoredAndTheNativesLieBesideThem() throws IOException {
    assertThat(entriesOfJars(ZIP))
        .hasSizeGreaterThan(1_000)
        .allMatch(entry -> entry.getMethod() == ZipEntry.STORED)
        .noneMatch(entry -> isNative(entry.getName()));
    assertThat(entriesOfJars(DOCS_ZIP))
        .isNotEmpty()
        .allMatch(entry -> entry.getMethod() == ZipEntry.STORED);
  }

  /** A start would load the names of variables, which no stack trace shows. */
  @Test
  void itsJarsHaveLinesButNoNamesOfVariables() throws IOException {
    var attributes = new TreeSet<String>();
    try (var jars = Files.newDirectoryStream(Path.of("target", "lib"), "*.jar")) {
      for (Path jar : jars) {
        attributes.addAll(attributesOfCode(jar));
      }
    }
    assertThat(attributes)
        .contains("LineNumberTable")
        .doesNotContain("LocalVariableTable", "LocalVariableTypeTable");
  }

  private static Set<String> attributesOfCode(Path file) throws IOException {
    var names = new TreeSet<String>();
    try (var jar = new JarFile(file.toFile())) {
      for (var entry : Collections.list(jar.entries())) {
        if (entry.getName().endsWith(".class")) {
          ClassFile.of().parse(jar.getInputStream(entry).readAllBytes()).methods().stream()
              .flatMap(method -> method.findAttribute(Attributes.code()).stream())
              .flatMap(code -> code.attributes().stream())
              .forEach(attribute -> names.add(attribute.attributeName().stringValue()));
        }
      }
    }
    return names;
  }

  @Test
  void carriesNoClassButTheFunctions() {
    assertThat(files)
        .filteredOn(file -> !file.matches("(lib|events)/.*|bootstrap|routes.txt"))
        .isNotEmpty()
        .doesNotHaveDuplicates()
        .allMatch(file -> Files.exists(Path.of("target", "classes").resolve(file)))
        .noneMatch(file -> file.contains("GetDocs"));
  }

  @Test
  void docsCarryNoSdk() {
    assertThat(docs)
        .filteredOn(file -> file.startsWith("lib/"))
        .map(file -> file.replaceFirst("-[0-9.]+\\.jar$", ""))
        .containsExactlyInAnyOrder(
            "lib/aws-lambda-java-core", "lib/aws-lambda-java-events", "lib/jackson-core");
    assertThat(docs)
        .filteredOn(file -> file.endsWith(".class"))
        .allMatch(file ->
            file.matches(
                "dev/asyncitems/((call|http|idempotency|json|lambda|metric|paging|rejection|trace|value)"
                    + "/.*|function/(GetDocs|HttpFunction|LambdaFunction)\\.class)"));
  }

  @Test
  void docsCarryThePageAndNoMoreOfItsLibraryThanItLoads() {
    assertThat(docs)
        .filteredOn(file -> file.startsWith("docs/") && !file.startsWith("docs/problems/"))
        .filteredOn(file -> !file.endsWith(".gz"))
        .containsExactlyInAnyOrder(
            "docs/files.txt",
            "docs/openapi.json",
            "docs/index.html",
            "docs/open.html",
            "docs/page.css",
            "docs/page.js",
            "docs/favicon-32x32.png",
            "docs/swagger-ui.css",
            "docs/swagger-ui-bundle.js",
            "docs/swagger-ui-bundle.js.LICENSE.txt");
    assertThat(docs).doesNotHaveDuplicates();
  }

  /** The zip is built for java25, so its {@code bootstrap} explains the mistake and exits. */
  @Test
  void saysSoWhereItIsDeployedForAnotherRuntime(@TempDir Path folder) throws Exception {
    Path bootstrap = folder.resolve("bootstrap");
    try (FileSystem zip =
        FileSystems.newFileSystem(ZIP, Map.of("enablePosixFileAttributes", true))) {
      Files.copy(zip.getPath("bootstrap"), bootstrap);
      Files.setPosixFilePermissions(
          bootstrap, Files.getPosixFilePermissions(zip.getPath("bootstrap")));
    }
    Process process = new ProcessBuilder(bootstrap.toString()).redirectErrorStream(true).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("built for java25", "-Druntime=provided.al2023");
    assertThat(process.waitFor()).isEqualTo(1);
  }

  @Test
  void carriesNoClassOfATest() {
    Path tests = Path.of("target", "test-classes");
    assertThat(files)
        .filteredOn(file -> !file.endsWith("/package-info.class"))
        .noneMatch(file -> Files.exists(tests.resolve(file)));
  }

  @Test
  void isWhatTheTemplateDeploys() throws IOException {
    Path template = ProjectTemplate.FILE;
    for (var function : ProjectTemplate.read().resourcesOf("AWS::Serverless::Function")) {
      Path code = template.resolveSibling(function.at("CodeUri").orElseThrow().toString());
      assertThat(code).as(function.id()).exists();
      Path built = function.id().equals("GetDocs") ? DOCS_ZIP : ZIP;
      assertThat(Files.isSameFile(code, built)).as("%s: %s", function.id(), code).isTrue();
    }
  }

  @Test
  void staysSmall() throws IOException {
    long size = Files.size(ZIP);
    long sizeOfDocs = Files.size(DOCS_ZIP);
    System.out.printf("%s: %,d bytes, %d files%n", ZIP, size, files.size());
    System.out.printf("%s: %,d bytes, %d files%n", DOCS_ZIP, sizeOfDocs, docs.size());
    assertThat(size).isLessThan(MOST_BYTES);
    assertThat(sizeOfDocs).isLessThan(MOST_BYTES_OF_DOCS);
  }

  private static boolean isNative(String name) {
    return name.matches(".*\\.(so|dll|dylib|jnilib)");
  }

  /** Returns the entries of all jars in a zip. */
  private static List<ZipEntry> entriesOfJars(Path file) throws IOException {
    var entries = new ArrayList<ZipEntry>();
    try (var zip = new ZipInputStream(Files.newInputStream(file))) {
      for (var jar = zip.getNextEntry(); jar != null; jar = zip.getNextEntry()) {
        if (jar.getName().endsWith(".jar")) {
          var inner = new ZipInputStream(zip); // Closing it would close the zip.
          for (var entry = inner.getNextEntry(); entry != null; entry = inner.getNextEntry()) {
            entries.add(entry);
          }
        }
      }
    }
    return entries;
  }

  /** Returns the names of all entries, with duplicates. */
  private static List<String> files(Path file) {
    var names = new ArrayList<String>();
    try (var zip = new ZipInputStream(Files.newInputStream(file))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (!entry.isDirectory()) {
          names.add(entry.getName());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " is made by `mvn package`", e);
    }
    return names;
  }
}
