package dev.asyncitems.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.runtime.Samples.Sample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The deployed zip, unpacked at another place. Its bootstrap starts as Lambda starts it. */
final class CustomRuntimeIT {
  private static final Path TEMPLATE = Path.of(System.getProperty("template"));
  private static final Path ZIP = TEMPLATE.resolveSibling("functions/target/functions.zip");

  /** Lambda's limit for a function with its layers is 262,144,000 bytes. */
  private static final long MOST_BYTES_UNPACKED = 150_000_000;

  private static LocalRun run;

  @TempDir private static Path folder;
  private Path task;

  @BeforeAll
  static void start() {
    run = Build.run(TEMPLATE);
  }

  @AfterAll
  static void close() {
    run.close();
  }

  @BeforeEach
  void unpack() throws IOException {
    task = Files.createTempDirectory(folder, "task");
    try (FileSystem zip =
            FileSystems.newFileSystem(ZIP, Map.of("enablePosixFileAttributes", true));
        Stream<Path> entries = Files.walk(zip.getPath("/"))) {
      for (Path entry : entries.filter(Files::isRegularFile).toList()) {
        Path file = task.resolve(entry.toString().substring(1));
        Files.createDirectories(file.getParent());
        Files.copy(entry, file);
        Files.setPosixFilePermissions(file, Files.getPosixFilePermissions(entry));
        Files.setLastModifiedTime(file, Files.getLastModifiedTime(entry));
      }
    }
  }

  private static Samples samples() throws IOException {
    return new Samples(run.template(), Path.of(System.getProperty("events")));
  }

  static List<String> functions() throws IOException {
    return samples().all().stream().map(sample -> sample.function().handler()).distinct().toList();
  }

  @ParameterizedTest
  @MethodSource("functions")
  void startsFromTheCache(String handler) throws Exception {
    Path classes = task.resolve("classes.log");
    String log = answers(handler, "-Xlog:class+load:file=" + classes);

    assertThat(log).contains("\"aotCache\":\"used\"").doesNotContain("[warning]");
    List<String> loaded = Files.readAllLines(classes);
    long cached = loaded.stream().filter(line -> line.contains("shared objects file")).count();
    System.out.printf("%s: %d of %d classes from the cache%n", handler, cached, loaded.size());
    assertThat(loaded).hasSizeGreaterThan(1_000);
    assertThat(cached * 100 / loaded.size()).as("percent of the classes").isGreaterThan(98);
  }

  /** Some unpackers do not keep the times of a zip, or read them in another time zone. */
  @Test
  void usesTheCacheWithAnyFileTimes() throws Exception {
    try (Stream<Path> files = Files.walk(task)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("1980-01-01T00:00:00Z")));
      }
    }
    assertThat(answers(functions().getFirst(), "")).contains("\"aotCache\":\"used\"");
  }

  @Test
  void startsWithoutACacheThatDoesNotMatch() throws Exception {
    Path jar = task.resolve("lib/functions.jar");
    FileTime time = Files.getLastModifiedTime(jar);
    Files.write(jar, new byte[1], java.nio.file.StandardOpenOption.APPEND);
    Files.setLastModifiedTime(jar, time);
    assertThat(answers(functions().getFirst(), "")).contains("\"aotCache\":\"not used\"");
  }

  @Test
  void startsWithoutACache() throws Exception {
    Files.delete(task.resolve("lib/functions.aot"));
    assertThat(answers(functions().getFirst(), "")).contains("\"aotCache\":\"not used\"");
  }

  @Test
  void staysWellBelowTheLimit() throws IOException {
    long size = 0;
    try (Stream<Path> files = Files.walk(task)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        size += Files.size(file);
      }
    }
    System.out.printf("%,d bytes, unpacked %,d%n", Files.size(ZIP), size);
    assertThat(size).isLessThan(MOST_BYTES_UNPACKED);
  }

  @Test
  void containsNoClassOfTheTraining() throws IOException {
    try (JarFile jar = new JarFile(task.resolve("lib/functions.jar").toFile())) {
      assertThat(jar.stream())
          .extracting(Object::toString)
          .filteredOn(name -> name.startsWith("dev/asyncitems/") && name.endsWith(".class"))
          .isNotEmpty()
          .allMatch(name ->
              Files.exists(TEMPLATE.resolveSibling("functions/target/classes").resolve(name))
                  || name.matches("dev/asyncitems/runtime/(Start|package-info).class"));
    }
  }

  /**
   * Invokes a function in the zip with all of its events, and returns its log. This process handles
   * the other functions' events, because later events need their results.
   */
  private String answers(String handler, String options) throws IOException, InterruptedException {
    String id = handler.substring(handler.lastIndexOf('.') + 1);
    Path log = Files.createTempFile(folder, id, ".log");
    ProcessBuilder builder =
        new ProcessBuilder(task.resolve("bootstrap").toString())
            .directory(task.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    String path = environment.get("PATH");
    environment.clear();
    environment.putAll(run.environment(id));
    environment.merge("JAVA_TOOL_OPTIONS", " " + options, String::concat);
    try (RuntimeApi api = new RuntimeApi()) {
      environment.putAll(
          Map.of(
              "PATH",
              path,
              "LAMBDA_TASK_ROOT",
              task.toString(),
              "_HANDLER",
              handler,
              "AWS_LAMBDA_RUNTIME_API",
              api.address(),
              "AWS_LAMBDA_FUNCTION_VERSION",
              "1",
              "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
              "512",
              "AWS_LAMBDA_LOG_FORMAT",
              "JSON",
              "AWS_LAMBDA_LOG_LEVEL",
              "INFO"));
      Process process = builder.start();
      try {
        Samples samples = samples();
        for (Sample sample : samples.all()) {
          byte[] event = samples.read(sample).getBytes(StandardCharsets.UTF_8);
          samples.answered(
              sample,
              sample.function().handler().equals(handler)
                  ? api.invoke(event)
                  : new String(run.invoke(sample.function().id(), event), StandardCharsets.UTF_8));
        }
      } catch (IllegalStateException e) {
        throw new AssertionError(Files.readString(log), e);
      } finally {
        process.destroyForcibly();
        process.waitFor();
      }
    }
    return Files.readString(log);
  }
}
