package dev.asyncitems.system;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.http.ProblemType;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.Price;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.system.Contract.Answer;
import dev.asyncitems.system.Contract.Operation;
import dev.asyncitems.system.Contract.Request;
import dev.asyncitems.value.TextRule;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The contract, {@code template.yaml} and the code name the same routes, problem types and bounds.
 * The judge of answers finds violations. {@link ContractIT} checks the answers themselves.
 */
final class ContractTest {
  private static final Contract CONTRACT = Contract.served();
  private static final String PROBLEM = "application/problem+json";
  private static final String ITEM =
      "{\"id\":\"019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\",\"name\":\"Lamp\",\"price\":12.5,\"tags\":[],"
          + "\"createdAt\":\"2026-01-15T09:30:00.123Z\",\"updatedAt\":\"2026-01-15T09:30:00.123Z\","
          + "\"version\":1}";

  // ---- agreement of contract, template and code

  @Test
  void namesTheRoutesOfTheTemplate() {
    Template template = ProjectTemplate.read();
    Set<String> routes =
        template.routes().stream()
            .filter(route -> !route.isDefault())
            .map(route -> route.key())
            .collect(toCollection(TreeSet::new));

    assertThat(CONTRACT.operations())
        .extracting(Operation::key)
        .as("operations in openapi.yaml, by the routes in template.yaml")
        .containsExactlyInAnyOrderElementsOf(routes);
  }

  @Test
  void namesTheScopesOfTheTemplatesRoutes() {
    Map<String, List<String>> ofTemplate = new TreeMap<>();
    ProjectTemplate.read(
            Map.of("Access", "jwt", "JwtIssuer", "https://issuer.invalid", "JwtAudience", "api"))
        .routes()
        .forEach(route ->
            route.access().ifPresent(access -> ofTemplate.put(route.key(), access.scopes())));
    assertThat(ofTemplate.remove("$default")).as("needs any token").isEmpty();

    Map<String, List<String>> named = new TreeMap<>();
    for (Operation operation : CONTRACT.operations()) {
      operation.scopes().ifPresent(scopes -> named.put(operation.key(), scopes));
      assertThat(operation.responses().keySet().containsAll(Set.of(401, 403)))
          .as(operation.key())
          .isEqualTo(operation.scopes().isPresent());
    }
    assertThat(named.entrySet())
        .as("scopes in openapi.yaml, by those in template.yaml")
        .containsExactlyInAnyOrderElementsOf(ofTemplate.entrySet());
  }

  @Test
  void theGuideNamesEachRouteThatNeedsAToken() throws IOException {
    String guide = Files.readString(ProjectTemplate.FILE.resolveSibling("docs/api.md"));
    List<String> rows =
        Pattern.compile("(?m)^\\| `([A-Z]+ /[^`?]*)")
            .matcher(guide)
            .results()
            .map(row -> row.group(1))
            .toList();

    assertThat(rows)
        .as("the table of routes in docs/api.md")
        .containsAll(
            CONTRACT.operations().stream()
                .filter(operation -> operation.scopes().isPresent())
                .map(Operation::key)
                .toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/api.md", "docs/cognito.yaml"})
  void eachScopeIsNamedWhereTokensAreMade(String file) throws IOException {
    assertThat(Files.readString(ProjectTemplate.FILE.resolveSibling(file)))
        .contains(
            CONTRACT.operations().stream()
                .flatMap(operation -> operation.scopes().stream())
                .flatMap(List::stream)
                .toList());
  }

  @Test
  void namesTheKindsOfProblemsOfTheCode() {
    assertThat(CONTRACT.problems())
        .extracting(schema ->
            List.<Object>of(
                Contract.problemType(schema),
                schema.at("/properties/status/const").asInt(),
                schema.at("/properties/title/const").asString()))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ProblemType.values())
                .map(type -> List.<Object>of(type.uri(), type.status(), type.title()))
                .toList());
  }

  @Test
  void thereIsAPageForEachKindOfProblem() throws IOException {
    Set<String> pages = new TreeSet<>();
    try (InputStream files =
        Objects.requireNonNull(getClass().getResourceAsStream("/docs/files.txt"))) {
      new String(files.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> line.startsWith("problems/"))
          .forEach(line -> pages.add("/" + line.replaceFirst("\\.html .*", "")));
    }

    assertThat(pages)
        .isEqualTo(
            Arrays.stream(ProblemType.values())
                .map(ProblemType::uri)
                .collect(toCollection(TreeSet::new)));
  }

  @Test
  void eachKindOfProblemIsAnsweredWithItsOwnStatusAndNoOther() {
    Set<String> named = new TreeSet<>();
    Stream.concat(
            CONTRACT.operations().stream().map(Operation::responses),
            Stream.of(CONTRACT.unmatched()))
        .forEach(responses ->
            responses.forEach((status, response) -> {
              JsonNode schema =
                  CONTRACT.resolved(response.at("/content/application~1problem+json/schema"));
              List<JsonNode> kinds =
                  schema.has("oneOf")
                      ? schema.required("oneOf").valueStream().toList()
                      : schema.isMissingNode() ? List.of() : List.of(schema);
              for (JsonNode kind : kinds) {
                JsonNode problem = CONTRACT.resolved(kind);
                assertThat(problem.at("/properties/status/const").asInt()).isEqualTo(status);
                named.add(Contract.problemType(problem));
              }
            }));

    assertThat(named).hasSize(ProblemType.values().length);
  }

  @ParameterizedTest
  @CsvSource({"Name, NAME", "Description, DESCRIPTION", "Message, MESSAGE", "tag, TAG"})
  void namesTheBoundsOfTheCode(String schema, String constant) {
    TextRule text =
        switch (constant) {
          case "NAME" -> ItemContent.NAME;
          case "DESCRIPTION" -> ItemContent.DESCRIPTION;
          case "TAG" -> ItemContent.TAG;
          default -> Notification.MESSAGE;
        };
    JsonNode named =
        schema.equals("tag")
            ? CONTRACT.component("Tags").required("items")
            : CONTRACT.component(schema);

    assertThat(named.path("minLength").asInt(0)).isEqualTo(text.min());
    assertThat(named.required("maxLength").asInt()).isEqualTo(text.max());
    for (int c = 0; c < 0x3100; c++) {
      String one = Character.toString(c);
      String two = "a" + one;
      assertThat(CONTRACT.faults(named, string(one)).isEmpty())
          .as("U+%04X alone", c)
          .isEqualTo(text.faults(one).isEmpty());
      assertThat(CONTRACT.faults(named, string(two)).isEmpty())
          .as("U+%04X", c)
          .isEqualTo(text.faults(two).isEmpty());
    }
  }

  @Test
  void namesTheOtherBoundsOfTheCode() {
    assertThat(CONTRACT.component("Tags").required("maxItems").asInt())
        .isEqualTo(ItemContent.MAX_TAGS);
    assertThat(
            CONTRACT
                .component("NotificationStatus")
                .required("enum")
                .valueStream()
                .map(JsonNode::asString))
        .as("as JsonFormsTest says that they are written")
        .containsExactly("queued", "logged", "failed");
    JsonNode limit = schemaOf("limit");
    assertThat(limit.required("minimum").asInt()).isEqualTo(PageRequest.MIN_LIMIT);
    assertThat(limit.required("maximum").asInt()).isEqualTo(PageRequest.MAX_LIMIT);
    assertThat(limit.required("default").asInt()).isEqualTo(PageRequest.DEFAULT_LIMIT);
    BigDecimal most = CONTRACT.component("Price").required("maximum").decimalValue();
    assertThat(Price.faults(most)).isEmpty();
    assertThat(Price.faults(most.add(new BigDecimal("0.01")))).isNotEmpty();
    assertThat(CONTRACT.resolved(schemaOf("Idempotency-Key")).required("maxLength").asInt())
        .isEqualTo(255);
  }

  private static JsonNode schemaOf(String parameter) {
    return CONTRACT.operations().stream()
        .flatMap(operation -> operation.parameters().stream())
        .filter(one -> one.required("name").asString().equals(parameter))
        .findFirst()
        .orElseThrow()
        .required("schema");
  }

  /** The page only reads parameters at the operation itself. */
  @Test
  void eachOperationHasTheParametersOfItsPathAndOnlyThose() {
    assertThat(CONTRACT.operations())
        .allSatisfy(operation ->
            assertThat(
                    operation.parameters().stream()
                        .filter(one -> one.required("in").asString().equals("path"))
                        .map(one -> "{" + one.required("name").asString() + "}"))
                .containsExactlyElementsOf(
                    Stream.of(operation.path().split("/", -1))
                        .filter(segment -> segment.startsWith("{"))
                        .toList()));
  }

  /** The pages share a function. {@link EventsIT} asks the other functions what they read. */
  @Test
  void namesTheParametersOfThePages() {
    assertThat(CONTRACT.operations())
        .filteredOn(operation -> operation.scopes().isEmpty())
        .hasSize(4)
        .allSatisfy(operation ->
            assertThat(operation.parameters())
                .filteredOn(one -> !one.required("in").asString().equals("path"))
                .extracting(one -> one.required("name").asString())
                .containsExactlyInAnyOrder("If-Match", "If-None-Match", "Accept-Encoding"));
  }

  @Test
  void knowsWhatTheGatewayAnswersItself() {
    assertThat(CONTRACT.gatewayStatuses())
        .containsExactlyInAnyOrder(400, 401, 403, 413, 429, 431, 500, 503);
  }

  @Test
  void eachOperationHasAnId() {
    assertThat(CONTRACT.operations())
        .extracting(Operation::id)
        .doesNotContain("")
        .doesNotHaveDuplicates();
  }

  @Test
  void eachExampleIsOfItsSchema() {
    int examples = 0;
    for (Operation operation : CONTRACT.operations()) {
      operation.parameters().forEach(parameter -> checkExamples(parameter));
      operation
          .requestBody()
          .ifPresent(body -> body.required("content").forEach(this::checkExamples));
      for (JsonNode response : operation.responses().values()) {
        response.path("headers").forEach(header -> checkExamples(CONTRACT.resolved(header)));
        response.path("content").forEach(this::checkExamples);
        examples += response.path("content").size();
      }
    }
    CONTRACT
        .unmatched()
        .values()
        .forEach(answer -> answer.path("content").forEach(this::checkExamples));
    assertThat(examples).isPositive();
  }

  private void checkExamples(JsonNode holder) {
    JsonNode schema = holder.path("schema");
    for (JsonNode example : CONTRACT.resolved(schema).path("examples")) {
      assertThat(CONTRACT.faults(schema, example)).isEmpty();
    }
    if (holder.has("example")) {
      assertThat(CONTRACT.faults(schema, holder.required("example"))).isEmpty();
    }
    for (JsonNode example : holder.path("examples")) {
      assertThat(CONTRACT.faults(schema, CONTRACT.resolved(example).required("value"))).isEmpty();
    }
  }

  // ---- the judge

  @Test
  void anAnswerAsTheContractNamesItIsNotOffIt() {
    assertThat(faults("GET", "/items/" + id(), item(ITEM))).isEmpty();
    assertThat(faults("GET", "/items/" + id() + "/", item(ITEM))).isEmpty();
    assertThat(faults("GET", "/items/x", problem(404, "not-found", "Not Found"))).isEmpty();
    assertThat(faults("GET", "/nothing", problem(404, "not-found", "Not Found"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"version\":1|\"version\":0",
        "\"version\":1|\"version\":1,\"unknown\":1",
        "\"version\":1|\"versions\":1",
        "12.5|12.555",
        "12.5|\"12.5\"",
        "09:30:00.123Z|09:30:00Z",
        "019bc0fd-8a3b-7|019BC0FD-8a3b-7",
        "\"tags\":[]|\"tags\":[\"a\",\"a\"]",
        "\"tags\":[]|\"tags\":null",
        "Lamp| ",
        "}|"
      })
  void aBodyOffItsSchemaIsFound(String change) {
    String[] change2 = change.split("\\|", -1);

    assertThat(faults("GET", "/items/" + id(), item(ITEM.replace(change2[0], change2[1]))))
        .isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "queued | '' | true",
        "queued | ,\"loggedAt\":\"2026-01-15T09:31:00.456Z\" | false",
        "queued | ,\"failure\":\"store was unavailable\" | true",
        "logged | ,\"loggedAt\":\"2026-01-15T09:31:00.456Z\" | true",
        "logged | ,\"loggedAt\":\"2026-01-15T09:31:00Z\" | false",
        "logged | '' | false",
        "logged | ,\"loggedAt\":\"2026-01-15T09:31:00.456Z\",\"failure\":\"f\" | false",
        "failed | ,\"failure\":\"store was unavailable\" | true",
        "failed | '' | false"
      })
  void aNotificationHasWhatItsStatusSays(String status, String more, boolean allowed) {
    String body =
        """
        {"id":"%s","message":"m","status":"%s","attempts":1,"createdAt":"2026-01-15T09:31:00.123Z"%s}\
        """
            .formatted(id(), status, more);
    Answer answer = new Answer(200, Map.of("content-type", "application/json"), body);

    assertThat(faults("GET", "/notifications/" + id(), answer).isEmpty()).isEqualTo(allowed);
  }

  @Test
  void aProblemHasViolationsOnlyIfItsTypeSaysSo() {
    Answer answer = problem(404, "not-found", "Not Found");
    String violations = "\"violations\":[{\"parameter\":\"id\",\"detail\":\"d\"}]}";
    String body = answer.body().replace("}", "," + violations);

    assertThat(faults("GET", "/nothing", answer)).isEmpty();
    assertThat(faults("GET", "/nothing", new Answer(404, answer.headers(), body))).isNotEmpty();
  }

  @Test
  void anAnswerThatIsNotNamedIsFound() {
    Map<String, String> headers = Map.of("content-type", "application/json", "etag", "\"1\"");
    assertThat(faults("GET", "/items/" + id(), new Answer(201, headers, ITEM)))
        .containsExactly("GET /items/{id} has no answer 201");
    assertThat(faults("GET", "/items", problem(404, "not-found", "Not Found"))).isNotEmpty();
    assertThat(faults("GET", "/nothing", item(ITEM))).isNotEmpty();
    assertThat(faults("DELETE", "/items/" + id(), new Answer(204, Map.of(), "x"))).isNotEmpty();
  }

  @Test
  void aProblemOfAnotherStatusIsFound() {
    String path = "/items/" + id();
    assertThat(faults("GET", path, problem(404, "unavailable", "Not Found"))).isNotEmpty();
    assertThat(faults("GET", path, problem(404, "not-found", "Nothing"))).isNotEmpty();
    assertThat(faults("GET", path, problem(400, "malformed-request", "Bad Request")))
        .as("without violations")
        .isNotEmpty();
  }

  @Test
  void aHeaderThatIsMissingMalformedOrNotNamedIsFound() {
    String path = "/items/" + id();
    assertThat(faults("GET", path, changed(item(ITEM), "etag", ""))).isNotEmpty();
    assertThat(faults("GET", path, changed(item(ITEM), "etag", "1"))).isNotEmpty();
    assertThat(faults("GET", path, changed(item(ITEM), "x-powered-by", "Java"))).isNotEmpty();
    assertThat(faults("GET", path, changed(item(ITEM), "content-type", "text/html"))).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /items | limit=101 | ''",
        "GET | /items | limit=x | ''",
        "GET | /items | limit=1&limit=2 | ''",
        "GET | /items | cursor= | ''",
        "GET | /notifications | status=lost | ''",
        "GET | /send-notification | '' | ''",
        "GET | /items/7 | '' | ''",
        "POST | /items | '' | '{\"name\":\"a\"}'",
        "POST | /items | '' | '{\"name\":\"a\",\"price\":1,\"x\":null}'",
        "POST | /items | '' | ''",
        "PATCH | /items/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173 | '' | '{\"name\":null}'"
      })
  void aRequestOffTheContractIsFound(String method, String path, String query, String body) {
    Request request = new Request(method, path, query, Map.of(), body);

    assertThat(CONTRACT.faults(CONTRACT.operation(request).orElseThrow(), request)).isNotEmpty();
  }

  @Test
  void aNumberBeyondEveryLongBreaksTheBoundsOfAnInteger() {
    JsonNode schema = Api.JSON.readTree("{\"type\":\"integer\",\"minimum\":0,\"maximum\":9}");
    assertThat(CONTRACT.faults(schema, Api.JSON.readTree("1e400"))).isNotEmpty();
    assertThat(CONTRACT.faults(schema, Api.JSON.readTree("7"))).isEmpty();
  }

  @Test
  void whatTheGatewaySaysItselfIsNotOffIt() {
    var json = Map.of("content-type", "application/json");
    assertThat(faults("GET", "/items", new Answer(503, json, "{\"message\":null}"))).isEmpty();
    assertThat(faults("GET", "/items", new Answer(502, json, "{\"message\":null}"))).isNotEmpty();
  }

  private static List<String> faults(String method, String path, Answer answer) {
    return CONTRACT.faults(new Request(method, path, "", Map.of(), ""), answer);
  }

  private static Answer item(String body) {
    return new Answer(200, Map.of("content-type", "application/json", "etag", "\"1\""), body);
  }

  private static Answer problem(int status, String type, String title) {
    String body =
        """
        {"type":"/problems/%s","title":"%s","status":%d,"detail":"d","instance":"/","requestId":"r"}\
        """
            .formatted(type, title, status);
    return new Answer(status, Map.of("content-type", PROBLEM, "cache-control", "no-store"), body);
  }

  private static Answer changed(Answer answer, String header, String value) {
    Map<String, String> headers = new HashMap<>(answer.headers());
    headers.put(header, value);
    headers.values().removeIf(String::isEmpty);
    return new Answer(answer.status(), headers, answer.body());
  }

  private static String id() {
    return "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173";
  }

  private static JsonNode string(String text) {
    return Contract.value("text/plain", text).orElseThrow();
  }
}
