package dev.asyncitems.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.ProjectTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;

/**
 * Runs this release and the previous one on the same tables and queues. Both run during a
 * deployment, and the previous one runs again after a rollback. {@code -Dprevious.release} names
 * the {@code functions.zip} of the previous release. Without it, this release plays both parts.
 */
@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "x86_64"},
    disabledReason =
        "not applicable to this machine: the zip has native libraries only for Linux on x86_64")
final class PreviousReleaseIT {
  private static final Path THIS = Path.of("target", "functions.zip");
  private static final String PACKAGE = "dev.asyncitems.function.";

  enum Release {
    PREVIOUS,
    THIS
  }

  private static final Map<Release, Zip> ZIPS = new EnumMap<>(Release.class);
  private static LocalRun run;
  private static Backend backend;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    String previous = System.getProperty("previous.release", "");
    Path zip = previous.isEmpty() ? THIS : Path.of(previous);
    ZIPS.put(Release.PREVIOUS, Zip.unpacked(zip, folder.resolve("previous")));
    ZIPS.put(Release.THIS, Zip.unpacked(THIS, folder.resolve("this")));
    run = ProjectTemplate.run().withoutFront().withoutPollers().start();
    backend = new Backend(run);
  }

  @AfterAll
  static void close() throws Exception {
    backend.close();
    run.close();
    for (Zip zip : ZIPS.values()) {
      zip.close();
    }
  }

  @BeforeEach
  void beginWithNothing() {
    backend.deleteRows();
    backend.purge(Backend.QUEUE);
    backend.purge(Backend.DEAD_LETTERS);
  }

  @ParameterizedTest
  @CsvSource({"PREVIOUS, THIS", "THIS, PREVIOUS"})
  void whatOneAcceptsTheOtherLogs(Release accepts, Release logs) throws Exception {
    String id = send(accepts);

    List<Message> messages = backend.take(Backend.QUEUE, 1);
    assertThat(failures(invoke(logs, "LogNotifications", Backend.batch(messages)))).isEmpty();

    for (Release release : Release.values()) {
      assertThat(notification(release, id).required("status").asString()).isEqualTo("logged");
    }
  }

  @ParameterizedTest
  @CsvSource({"PREVIOUS, THIS", "THIS, PREVIOUS"})
  void theOthersLostMessageIsRelayed(Release accepts, Release relays) throws Exception {
    String id = send(accepts);
    assertThat(backend.take(Backend.QUEUE, 1)).hasSize(1);
    makeDue(id);

    JsonNode tick = invoke(relays, "RelayOutbox", "{}".getBytes(StandardCharsets.UTF_8));

    assertThat(tick.required("sent").asInt()).isEqualTo(1);
    List<Message> messages = backend.take(Backend.QUEUE, 1);
    assertThat(failures(invoke(accepts, "LogNotifications", Backend.batch(messages)))).isEmpty();
    assertThat(notification(relays, id).required("status").asString()).isEqualTo("logged");
  }

  @ParameterizedTest
  @CsvSource({"PREVIOUS, THIS", "THIS, PREVIOUS"})
  void itemsOfTheOneAreReadAndChangedByTheOther(Release one, Release other) throws Exception {
    String key = UUID.randomUUID().toString();
    String lamp = "{\"name\":\"Lamp\",\"price\":12.5,\"description\":\"old\",\"tags\":[\"home\"]}";
    JsonNode created = http(one, "CreateItem", "POST", "/items", "", lamp, key);
    String id = body(created).required("id").asString();

    JsonNode replayed = http(other, "CreateItem", "POST", "/items", "", lamp, key);
    assertThat(body(replayed)).isEqualTo(body(created));
    assertThat(replayed.at("/headers/Idempotent-Replayed").asString()).isEqualTo("true");
    JsonNode read = item(other, "GetItem", "GET", id, "");
    assertThat(body(read)).isEqualTo(body(created));
    JsonNode patched = item(other, "PatchItem", "PATCH", id, "{\"description\":null}");
    assertThat(body(patched).required("version").asInt()).isEqualTo(2);
    JsonNode replaced = item(one, "ReplaceItem", "PUT", id, "{\"name\":\"Torch\",\"price\":1}");
    assertThat(body(replaced).required("version").asInt()).isEqualTo(3);
    assertThat(item(other, "DeleteItem", "DELETE", id, "").required("statusCode").asInt())
        .isEqualTo(204);
  }

  @ParameterizedTest
  @CsvSource({"PREVIOUS, THIS", "THIS, PREVIOUS"})
  void aPageOfTheOneIsTurnedByTheOther(Release one, Release other) throws Exception {
    for (Release release : List.of(one, other, one)) {
      send(release);
    }
    JsonNode first = http(one, "ListNotifications", "GET", "/notifications", "limit=2", "", "");
    String cursor = body(first).required("nextCursor").asString();

    JsonNode second =
        http(
            other,
            "ListNotifications",
            "GET",
            "/notifications",
            "limit=2&cursor=" + cursor,
            "",
            "");

    assertThat(body(first).required("notifications")).hasSize(2);
    assertThat(body(second).required("notifications")).hasSize(1);
  }

  private static String send(Release release) throws Exception {
    JsonNode answer =
        http(
            release,
            "SendNotification",
            "POST",
            "/notifications",
            "",
            "{\"message\":\"hello\"}",
            "");
    assertThat(answer.required("statusCode").asInt()).isEqualTo(202);
    return body(answer).required("id").asString();
  }

  private static JsonNode notification(Release release, String id) throws Exception {
    return body(
        invoke(
            release,
            "GetNotification",
            event("GET", "/notifications/{id}", "/notifications/" + id, id, "", "", "")));
  }

  private static JsonNode item(
      Release release, String function, String method, String id, String body) throws Exception {
    return invoke(
        release, function, event(method, "/items/{id}", "/items/" + id, id, "", body, ""));
  }

  private static void makeDue(String id) {
    Map<String, AttributeValue> row = new HashMap<>(backend.row(id));
    row.put("nextDispatchAt", AttributeValue.fromS("2026-01-01T00:00:00.000Z#" + id));
    backend.put(List.of(row));
  }

  private static List<JsonNode> failures(JsonNode answer) {
    return answer.required("batchItemFailures").valueStream().toList();
  }

  private static JsonNode body(JsonNode answer) {
    return Zip.JSON.readTree(answer.required("body").asString());
  }

  private static JsonNode http(
      Release release,
      String function,
      String method,
      String path,
      String query,
      String body,
      String key)
      throws Exception {
    return invoke(release, function, event(method, path, path, "", query, body, key));
  }

  private static byte[] event(
      String method, String route, String path, String id, String query, String body, String key) {
    Map<String, Object> event = new HashMap<>();
    event.put("version", "2.0");
    event.put("routeKey", method + " " + route);
    event.put("rawPath", path);
    event.put("rawQueryString", query);
    event.put("headers", key.isEmpty() ? Map.of() : Map.of("idempotency-key", key));
    event.put("body", body);
    event.put("pathParameters", id.isEmpty() ? Map.of() : Map.of("id", id));
    event.put(
        "requestContext", Map.of("requestId", "r", "http", Map.of("method", method, "path", path)));
    return Zip.JSON.writeValueAsBytes(event);
  }

  private static JsonNode invoke(Release release, String function, byte[] event) throws Exception {
    return requireNonNull(ZIPS.get(release))
        .invoke(PACKAGE + function, run.environment(function), List.of(event))
        .getFirst();
  }
}
