package dev.asyncitems.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Route;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.system.ProjectTemplate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Starts the functions from the deployed zips alone, as Lambda does. A start must not ask the
 * machine's metadata service for anything.
 */
@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "x86_64"},
    disabledReason =
        "not applicable to this machine: the zip has native libraries only for Linux on x86_64")
final class ArtifactStartIT {
  private static final Path EVENTS = Path.of(System.getProperty("events"));

  private static final String METADATA = "aws.ec2MetadataServiceEndpoint";

  private static LocalRun run;
  private static ServerSocket metadata;

  /** The unpacked zips by file name. */
  private static final Map<String, Zip> ZIPS = new HashMap<>();

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    for (String name : List.of("functions.zip", "docs.zip")) {
      ZIPS.put(name, Zip.unpacked(Path.of("target", name), folder.resolve(name)));
    }
    run = ProjectTemplate.run().withoutFront().withoutPollers().start();
    metadata = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    System.setProperty(METADATA, "http://127.0.0.1:" + metadata.getLocalPort());
  }

  @AfterAll
  static void close() throws Exception {
    System.clearProperty(METADATA);
    run.close();
    for (Zip zip : ZIPS.values()) {
      zip.close();
    }
    try (ServerSocket asked = metadata) {
      asked.setSoTimeout(1);
      assertThatExceptionOfType(SocketTimeoutException.class)
          .as("no call to the metadata service")
          .isThrownBy(asked::accept);
    }
  }

  static List<String> functions() {
    return ProjectTemplate.read().functions().stream().map(Function::id).toList();
  }

  @ParameterizedTest
  @MethodSource("functions")
  void answersItsEvents(String id) throws Exception {
    Function function = run.template().function(id);
    List<byte[]> events = events(id);
    assertThat(events).isNotEmpty();
    for (JsonNode answer : zip(id).invoke(function.handler(), run.environment(id), events)) {
      isNoFailure(answer);
    }
  }

  private static Zip zip(String functionId) {
    Object code = run.template().resource(functionId).at("CodeUri").orElseThrow();
    return requireNonNull(ZIPS.get(Path.of(code.toString()).getFileName().toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"functions.zip", "docs.zip"})
  void nothingOfTheTestsIsSeenFromTheZip(String name) {
    for (Class<?> here : List.of(Test.class, LocalRun.class, JsonMapper.class, getClass())) {
      assertThat(requireNonNull(ZIPS.get(name)).has(here)).as(here.getName()).isFalse();
    }
  }

  private static void isNoFailure(JsonNode answer) {
    // Most ids in the events name no row. A 404 is fine, because the function asked the store.
    assertThat(answer.path("statusCode").asInt(200)).as(answer.toString()).isLessThan(500);
    assertThat(answer.path("batchItemFailures")).as(answer.toString()).isEmpty();
  }

  /** Returns the sample events that the template sends to this function. */
  private static List<byte[]> events(String functionId) throws IOException {
    List<byte[]> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(EVENTS)) {
      for (Path file : files.sorted().toList()) {
        byte[] event = Files.readAllBytes(file);
        if (takers(Zip.JSON.readTree(event)).contains(functionId)) {
          events.add(event);
        }
      }
    }
    return events;
  }

  private static List<String> takers(JsonNode event) {
    Template template = run.template();
    if (event.has("routeKey")) {
      String key = event.required("routeKey").asString();
      return template.routes().stream()
          .filter(route -> route.key().equals(key))
          .map(Route::functionId)
          .toList();
    }
    return event.has("Records")
        ? template.mappings().stream().map(mapping -> mapping.functionId()).toList()
        : template.schedules().stream().map(schedule -> schedule.functionId()).toList();
  }
}
