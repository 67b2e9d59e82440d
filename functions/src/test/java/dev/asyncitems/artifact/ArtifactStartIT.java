package dev.asyncitems.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Route;
import dev.asyncitems.local.template.Template;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
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

/** The functions started from the deployed zips alone, as Lambda starts them. */
@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "x86_64"},
    disabledReason = "the zip holds the natives of its target alone, Linux on x86_64")
final class ArtifactStartIT {
  private static final Path TEMPLATE = Path.of(System.getProperty("template"));
  private static final Path EVENTS = Path.of(System.getProperty("events"));
  private static final JsonMapper JSON = new JsonMapper();

  private static LocalRun run;

  /** By the zip's name. */
  private static final Map<String, URLClassLoader> ZIPS = new HashMap<>();

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    for (String name : List.of("functions.zip", "docs.zip")) {
      ZIPS.put(name, unpacked(Path.of("target", name), folder.resolve(name)));
    }
    run = LocalRun.of(TEMPLATE).withoutFront().withoutPollers().start();
  }

  @AfterAll
  static void close() throws IOException {
    run.close();
    for (URLClassLoader zip : ZIPS.values()) {
      zip.close();
    }
  }

  static List<String> functions() {
    return Template.read(TEMPLATE).functions().stream().map(Function::id).toList();
  }

  @ParameterizedTest
  @MethodSource("functions")
  void answersItsEvents(String id) throws Exception {
    Function function = run.template().function(id);
    URLClassLoader zip = zip(id);
    List<byte[]> events = events(id);
    assertThat(events).isNotEmpty();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(zip);
    try {
      Class<?> type = Class.forName(function.handler(), true, zip);
      assertThat(type.getClassLoader()).isSameAs(zip);
      try (AutoCloseable handler =
          type.asSubclass(AutoCloseable.class)
              .getConstructor(Map.class, Clock.class)
              .newInstance(run.environment(id), Clock.systemUTC())) {
        for (byte[] event : events) {
          isNoFailure(invoke(zip, handler, event));
        }
      }
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static URLClassLoader zip(String functionId) {
    Object code = run.template().resource(functionId).at("CodeUri").orElseThrow();
    return requireNonNull(ZIPS.get(Path.of(code.toString()).getFileName().toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"functions.zip", "docs.zip"})
  void nothingOfTheTestsIsSeenFromTheZip(String name) {
    URLClassLoader zip = requireNonNull(ZIPS.get(name));
    for (Class<?> here : List.of(Test.class, LocalRun.class, JsonMapper.class, getClass())) {
      assertThat(zip.getResource(here.getName().replace('.', '/') + ".class"))
          .as(here.getName())
          .isNull();
    }
  }

  private static JsonNode invoke(URLClassLoader zip, Object handler, byte[] event)
      throws Exception {
    Class<?> contextType = zip.loadClass("com.amazonaws.services.lambda.runtime.Context");
    Object context =
        Proxy.newProxyInstance(
            zip,
            new Class<?>[] {contextType},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getAwsRequestId" -> "start";
                  case "getRemainingTimeInMillis" -> 10_000;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
    var answer = new ByteArrayOutputStream();
    zip.loadClass("com.amazonaws.services.lambda.runtime.RequestStreamHandler")
        .getMethod("handleRequest", InputStream.class, OutputStream.class, contextType)
        .invoke(handler, new ByteArrayInputStream(event), answer, context);
    return JSON.readTree(answer.toByteArray());
  }

  private static void isNoFailure(JsonNode answer) {
    // Most ids are of no row, and a 404 has been to the store too.
    assertThat(answer.path("statusCode").asInt(200)).as(answer.toString()).isLessThan(500);
    assertThat(answer.path("batchItemFailures")).as(answer.toString()).isEmpty();
  }

  /** The sample events that are a function's, by their route or where else they come from. */
  private static List<byte[]> events(String functionId) throws IOException {
    List<byte[]> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(EVENTS)) {
      for (Path file : files.sorted().toList()) {
        byte[] event = Files.readAllBytes(file);
        if (takers(JSON.readTree(event)).contains(functionId)) {
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

  /** Classes and jars of the zip, over nothing but the JDK. */
  private static URLClassLoader unpacked(Path zip, Path folder) throws IOException {
    Files.createDirectories(folder);
    List<URL> urls = new ArrayList<>(List.of(folder.toUri().toURL()));
    try (var entries = new ZipInputStream(Files.newInputStream(zip))) {
      for (var entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.resolveSibling(""));
          Files.copy(entries, file);
          if (entry.getName().startsWith("lib/")) {
            urls.add(file.toUri().toURL());
          }
        }
      }
    }
    return new URLClassLoader(
        zip.toString(), urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
