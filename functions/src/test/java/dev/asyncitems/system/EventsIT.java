package dev.asyncitems.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls each function with the sample events in {@code events/} whose file names begin with its
 * name. Ids in the events are replaced by ids of existing rows.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EventsIT {
  private static final Path FOLDER = Path.of(System.getProperty("events"));
  private static final String ITEM = "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173";
  private static final String NOTIFICATION = "019bc0fe-749b-79d1-ab7f-05c3d8e46a19";

  /** The expected answer for each file. */
  private static final Map<String, String> ANSWERS =
      Map.ofEntries(
          entry("create-item", http(201, "\"name\":\"Lamp\",\"description\":\"A desk lamp,\\\\n")),
          entry("get-item", http(200, "\"id\":\"ITEM\"")),
          entry("get-item-if-none-match", http(304, "")),
          entry("list-items", http(200, "\"items\":\\[\\{\"id\":\"ITEM\"")),
          entry("replace-item", http(200, "\"id\":\"ITEM\".*\"price\":44,.*\"version\":2")),
          entry(
              "replace-item-if-match", http(200, "\"id\":\"ITEM\".*\"price\":44,.*\"version\":2")),
          entry("patch-item", http(200, "\"id\":\"ITEM\",\"name\":\"Lamp\",\"price\":39.95,.*")),
          entry("delete-item", http(204, "")),
          entry("send-notification", http(202, "\"status\":\"queued\"")),
          entry("send-notification-get", http(200, "Notification sent in the background")),
          entry("get-notification", http(200, "\"id\":\"NOTIFICATION\"")),
          entry("list-notifications", http(200, "\"notifications\":\\[\\{\"id\":\"NOTIFICATION\"")),
          entry("get-data", http(200, "\"result\":\\{\"items\":\\[\\{\"id\":\"ITEM\"")),
          entry("get-docs", http(200, "PCFET0NUWVBFIGh0bWw\\+")), // <!DOCTYPE html>
          entry("unmatched-route", http(404, "/problems/not-found")),
          entry("unmatched-route-slash", http(308, "")),
          entry("log-notifications", "\\{\"batchItemFailures\":\\[]}"),
          entry("relay-outbox", "\\{\"due\":([1-9]\\d*),\"sent\":\\1,\"notSent\":0,\"gaveUp\":0}"));

  private final TestClock clock = new TestClock();
  private final LocalRun run = Lane.run().clock(clock).withoutFront().withoutPollers().start();

  @AfterAll
  void close() {
    run.close();
  }

  private static String http(int status, String part) {
    return status + " .*" + part + ".*";
  }

  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void aFunctionAnswersItsEvent(String file) throws IOException {
    String item = create("CreateItem", "create-item.json");
    String notification = create("SendNotification", "send-notification.json");
    clock.advance(Duration.ofHours(1)); // The entry is then due.
    String event = read(file).replace(ITEM, item).replace(NOTIFICATION, notification);

    String answer = invoke(function(file).id(), event);

    String expected = ANSWERS.getOrDefault(name(file), "an answer that the table has");
    assertThat(answer.replace(item, "ITEM").replace(notification, "NOTIFICATION"))
        .matches("(?s)" + expected);
  }

  @Test
  void theConsumersEventLogsTheNotificationThatItNames() throws IOException {
    String id = create("SendNotification", "send-notification.json");
    invoke("LogNotifications", read("log-notifications.json").replace(NOTIFICATION, id));

    assertThat(invoke("GetNotification", read("get-notification.json").replace(NOTIFICATION, id)))
        .startsWith("200 ")
        .contains("\"status\":\"logged\"");
  }

  @Test
  void theSlashFormIsSentToThePlainOneWithItsQuery() throws IOException {
    JsonNode answer = answer("UnmatchedRoute", read("unmatched-route-slash.json"));

    assertThat(answer.required("headers").required("Location").asString())
        .isEqualTo("/items?limit=7");
  }

  @Test
  void everyFunctionHasAnEvent() throws IOException {
    assertThat(run.template().functions())
        .extracting(Function::id)
        .containsExactlyInAnyOrderElementsOf(
            files().stream().map(file -> function(file).id()).distinct().toList());
  }

  @Test
  void everyAnswerIsOfAFile() throws IOException {
    assertThat(files().stream().map(EventsIT::name))
        .containsExactlyInAnyOrderElementsOf(ANSWERS.keySet());
  }

  @ParameterizedTest
  @MethodSource("files")
  void anEventIsAsAwsSendsIt(String file) throws Exception {
    JsonNode event = Api.JSON.readTree(read(file));
    if (event.has("routeKey")) {
      isAnHttpEvent(event, file);
    } else if (event.has("Records")) {
      assertThat(run.template().mappings())
          .extracting(mapping -> mapping.functionId())
          .contains(function(file).id());
      for (JsonNode message : event.required("Records")) {
        byte[] body = message.required("body").asString().getBytes(UTF_8);
        assertThat(message.required("md5OfBody").asString())
            .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body)));
      }
    } else {
      assertThat(run.template().schedules())
          .extracting(schedule -> schedule.functionId())
          .contains(function(file).id());
      assertThat(event.required("detail-type").asString()).isEqualTo("Scheduled Event");
    }
  }

  private void isAnHttpEvent(JsonNode event, String file) {
    assertThat(event.required("version").asString()).isEqualTo("2.0");
    String key = event.required("routeKey").asString();
    assertThat(run.template().routes())
        .filteredOn(route -> route.functionId().equals(function(file).id()))
        .extracting(Route::key)
        .contains(key);
    JsonNode context = event.required("requestContext");
    String path = event.required("rawPath").asString();
    assertThat(context.required("routeKey").asString()).isEqualTo(key);
    assertThat(context.required("http").required("path").asString()).isEqualTo(path);
    if (!key.equals(Route.DEFAULT)) {
      String id = event.path("pathParameters").path("id").asString("");
      assertThat(context.required("http").required("method").asString() + " " + path)
          .isEqualTo(key.replace("{id}", id));
    }
    assertThat(query(event.path("queryStringParameters")))
        .isEqualTo(event.required("rawQueryString").asString());
    Optional.ofNullable(event.get("body"))
        .ifPresent(body ->
            assertThat(event.required("headers").required("content-length").asString())
                .isEqualTo(Integer.toString(body.asString().getBytes(UTF_8).length)));
    assertThat(event.required("headers").propertyNames())
        .allMatch(header -> header.equals(header.toLowerCase(Locale.ROOT)));
  }

  private static String query(JsonNode parameters) {
    return String.join(
        "&",
        parameters.properties().stream()
            .map(parameter -> parameter.getKey() + "=" + parameter.getValue().asString())
            .toList());
  }

  /** Creates a new row and returns its id. */
  private String create(String functionId, String file) throws IOException {
    JsonNode event = Api.JSON.readTree(read(file));
    ((ObjectNode) event.required("headers")).remove("idempotency-key");
    JsonNode answer = answer(functionId, event.toString());
    return Api.JSON.readTree(answer.required("body").asString()).required("id").asString();
  }

  /** Returns an HTTP answer as its status and body, or any other answer unchanged. */
  private String invoke(String functionId, String event) {
    JsonNode answer = answer(functionId, event);
    return answer.has("statusCode")
        ? answer.required("statusCode").asInt() + " " + answer.path("body").asString("")
        : answer.toString();
  }

  private JsonNode answer(String functionId, String event) {
    return Api.JSON.readTree(run.invoke(functionId, event.getBytes(UTF_8)));
  }

  /** Returns the function whose name begins the file's name. */
  private Function function(String file) {
    return run.template().functions().stream()
        .filter(function -> (name(file) + "-").startsWith(kebab(function) + "-"))
        .max(Comparator.comparingInt(function -> function.id().length()))
        .orElseThrow(() -> new AssertionError(file + " is no function's"));
  }

  private static String kebab(Function function) {
    return function.id().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  private static String name(String file) {
    assertThat(file).endsWith(".json");
    return file.substring(0, file.length() - ".json".length());
  }

  private static String read(String file) throws IOException {
    return Files.readString(FOLDER.resolve(file));
  }
}
