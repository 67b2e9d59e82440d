package dev.asyncitems.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Route;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls each function with its sample events. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EventsIT {
  private final TestClock clock = new TestClock();
  private final LocalRun run = Lane.run().clock(clock).withoutFront().withoutPollers().start();

  @AfterAll
  void close() {
    run.close();
  }

  static List<SampleEvent> events() {
    return SampleEvent.all();
  }

  @ParameterizedTest
  @MethodSource("events")
  void aFunctionAnswersItsEvent(SampleEvent sample) {
    Map<String, String> ids = SampleEvent.create(run);
    clock.advance(ProjectTemplate.messageLife()); // The entries are then due.
    ObjectNode event = sample.json(ids);

    byte[] answer = run.invoke(sample.function().id(), SampleEvent.bytes(event));

    sample.assertSucceeded(answer);
    Contract.served().check(SampleEvent.bytes(event), answer);
    if (sample.isHttp()) {
      isAbout(event, Api.JSON.readTree(answer));
    } else if (sample.isBatch()) {
      assertThat(doneRows())
          .as("done by %s", sample)
          .anyMatch(done ->
              ids.values().stream().map(SampleEvent::withAnyCounter).anyMatch(done::matches));
    }
  }

  private Set<String> doneRows() {
    try (Backend backend = new Backend(run)) {
      return run.template().tables().stream()
          .flatMap(table -> backend.rows(table.id()).stream())
          .filter(row -> Backend.text(row, "status").equals("done"))
          .map(row -> Backend.text(row, "id"))
          .collect(Collectors.toSet());
    }
  }

  /** Checks that an answer shows the thing of the request's path and what the request sent. */
  private static void isAbout(ObjectNode event, JsonNode answer) {
    String type = answer.path("headers").path("Content-Type").asString("");
    JsonNode shown =
        Contract.value(type, answer.path("body").asString(""))
            .filter(value -> value.isObject() && answer.required("statusCode").asInt() < 300)
            .orElse(Api.JSON.createObjectNode());
    if (event.required("routeKey").asString().endsWith("{id}")) {
      if (shown.has("id")) {
        assertThat(shown.required("id")).isEqualTo(event.at("/pathParameters/id"));
      }
    } else {
      Stream.of(shown, shown.path("result"))
          .flatMap(JsonNode::valueStream)
          .filter(JsonNode::isArray)
          .forEach(rows -> assertThat(rows).as("%s", shown).isNotEmpty());
    }
    if (event.has("body")) {
      Set<String> named = namedInAnswer(event, answer);
      Contract.value("json", event.required("body").asString()).orElseThrow().properties().stream()
          .filter(sent -> named.contains(sent.getKey()))
          .forEach(sent ->
              assertThat(shown.path(sent.getKey()))
                  .as(sent.getKey())
                  .isEqualTo(sent.getValue().isNull() ? Api.JSON.missingNode() : sent.getValue()));
    }
  }

  /** Returns the members that the contract names for an answer. */
  private static Set<String> namedInAnswer(ObjectNode event, JsonNode answer) {
    Contract contract = Contract.served();
    return contract.operations().stream()
        .filter(one -> one.key().equals(event.required("routeKey").asString()))
        .map(one -> one.responses().get(answer.required("statusCode").asInt()))
        .map(one -> contract.resolved(one.at("/content/application~1json/schema")))
        .flatMap(schema -> schema.path("properties").propertyNames().stream())
        .collect(Collectors.toSet());
  }

  /** A malformed value shows whether a function reads a parameter. */
  @ParameterizedTest
  @MethodSource("requests")
  void aFunctionReadsTheParametersThatTheContractNamesAndNoOthers(SampleEvent sample) {
    Map<String, String> ids = SampleEvent.create(run);
    Map<String, String> known = new TreeMap<>();
    Contract.served().operations().stream()
        .flatMap(operation -> operation.parameters().stream())
        .forEach(one -> known.put(one.required("name").asString(), one.required("in").asString()));
    known.values().removeIf("path"::equals);
    known.remove("Accept-Encoding"); // No value of it is malformed.
    known.forEach((name, in) -> {
      ObjectNode event = sample.json(ids);
      if (in.equals("header")) {
        ((ObjectNode) event.required("headers")).put(name.toLowerCase(Locale.ROOT), "é");
      } else {
        String query = event.required("rawQueryString").asString();
        event.put("rawQueryString", name + "=" + (query.isEmpty() ? "" : "&" + query));
      }
      byte[] answer = run.invoke(sample.function().id(), SampleEvent.bytes(event));
      assertThat(Api.JSON.readTree(answer).required("statusCode").asInt() == 400)
          .as("reads %s", name)
          .isEqualTo(sample.takes(name));
    });
  }

  static List<SampleEvent> requests() {
    return events().stream()
        .filter(event -> event.isHttp() && !event.routeKey().equals(Route.DEFAULT))
        .toList();
  }

  @Test
  void theSlashFormIsSentToThePlainOneWithItsQuery() {
    SampleEvent slash =
        events().stream().filter(e -> e.name().equals("unmatched-route-slash")).findFirst().get();
    byte[] answer = run.invoke(slash.function().id(), slash.text().getBytes(UTF_8));

    assertThat(Api.JSON.readTree(answer).at("/headers/Location").asString())
        .isEqualTo("/items?limit=7");
  }

  @Test
  void everyFunctionHasAnEvent() {
    for (Function function : run.template().functions()) {
      assertThat(SampleEvent.of(function).function().id()).isEqualTo(function.id());
    }
  }

  /** The pages of the contract share a function and one event. */
  @Test
  void everyRouteButThePagesHasAnEventOfItsFunction() {
    Stream<Route> routes =
        ProjectTemplate.read(
                Map.of("Access", "jwt", "JwtIssuer", "https://i.invalid", "JwtAudience", "api"))
            .routes()
            .stream()
            .filter(route -> route.access().isPresent());

    assertThat(events().stream().filter(SampleEvent::isHttp))
        .extracting(event -> event.routeKey() + " of " + event.function().id())
        .containsAll(routes.map(route -> route.key() + " of " + route.functionId()).toList());
  }

  @ParameterizedTest
  @MethodSource("events")
  void anEventIsAsAwsSendsIt(SampleEvent sample) throws Exception {
    Function function = sample.function();
    JsonNode event = Api.JSON.readTree(sample.text());
    if (sample.isHttp()) {
      isAnHttpEvent(event, function);
    } else if (sample.isBatch()) {
      assertThat(run.template().mappings())
          .extracting(mapping -> mapping.functionId())
          .contains(function.id());
      for (JsonNode message : event.required("Records")) {
        byte[] body = message.required("body").asString().getBytes(UTF_8);
        assertThat(message.required("md5OfBody").asString())
            .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body)));
      }
    } else {
      assertThat(run.template().schedules())
          .extracting(schedule -> schedule.functionId())
          .contains(function.id());
      assertThat(event.required("detail-type").asString()).isEqualTo("Scheduled Event");
    }
  }

  private void isAnHttpEvent(JsonNode event, Function function) {
    assertThat(event.required("version").asString()).isEqualTo("2.0");
    String key = event.required("routeKey").asString();
    assertThat(run.template().routes())
        .filteredOn(route -> route.functionId().equals(function.id()))
        .extracting(Route::key)
        .as("routes of %s in template.yaml", function.id())
        .contains(key);
    JsonNode context = event.required("requestContext");
    String path = event.required("rawPath").asString();
    assertThat(context.required("routeKey").asString()).isEqualTo(key);
    assertThat(context.required("http").required("path").asString()).isEqualTo(path);
    if (!key.equals(Route.DEFAULT)) {
      String expected = key;
      for (Map.Entry<String, JsonNode> variable : event.path("pathParameters").properties()) {
        expected = expected.replace("{" + variable.getKey() + "}", variable.getValue().asString());
      }
      assertThat(context.required("http").required("method").asString() + " " + path)
          .isEqualTo(expected);
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
}
