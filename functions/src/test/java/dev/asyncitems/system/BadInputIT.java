package dev.asyncitems.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Bad input gets a clear, structured error, never a 5xx, and loses no data. */
@EndToEnd
final class BadInputIT {
  private static final String GOOD = "{\"name\":\"Lamp\",\"price\":1}";

  private final Api api;

  BadInputIT(Api api) {
    this.api = api;
  }

  static Stream<Arguments> malformedBodies() {
    return Stream.of(
        arguments("no body", bytes("")),
        arguments("white space", bytes(" \n")),
        arguments("half an object", bytes("{")),
        arguments("trailing text", bytes(GOOD + "x")),
        arguments("two values", bytes(GOOD + GOOD)),
        arguments("a duplicate key", bytes("{\"name\":\"a\",\"name\":\"b\",\"price\":1}")),
        arguments("a duplicate key, escaped", bytes("{\"name\":\"a\",\"n\\u0061me\":\"b\"}")),
        arguments("a comment", bytes("{/**/}")),
        arguments("single quotes", bytes("{'name':'a'}")),
        arguments("a leading zero", bytes("{\"name\":\"a\",\"price\":01}")),
        arguments("NaN", bytes("{\"name\":\"a\",\"price\":NaN}")),
        arguments("half a surrogate pair in a name", bytes(item("\"\\ud800\":1"))),
        arguments("a raw control character", bytes("{\"name\":\"a\nb\",\"price\":1}")),
        arguments("a byte order mark", bytes("\uFEFF" + GOOD)),
        arguments("invalid UTF-8", "{\"name\":\"\u00e9\",\"price\":1}".getBytes(ISO_8859_1)),
        arguments("UTF-16", GOOD.getBytes(java.nio.charset.StandardCharsets.UTF_16)),
        arguments(
            "a surrogate in UTF-8",
            "{\"name\":\"\u00ed\u00a0\u0080\",\"price\":1}".getBytes(ISO_8859_1)),
        arguments("100,000-deep nesting", bytes("[".repeat(100_000))),
        arguments("100,000-deep nesting of objects", bytes("{\"a\":".repeat(40_000) + "1")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformedBodies")
  void answers400ToABodyThatIsNoJson(String what, byte[] body) throws Exception {
    boolean text = Arrays.equals(body, bytes(new String(body, UTF_8)));
    Gateway.notApplicable(Gateway.SAM_LOCAL, !text, "it answers 502 to a body that is not UTF-8");
    Gateway.notApplicable(Gateway.MINISTACK, !text, "it makes UTF-8 of a body that is not");

    Answer rejected = api.sendBytes("POST", "/items", body);

    assertProblem(rejected, 400, "/problems/malformed-request");
    assertThat(violations(rejected)).extracting(v -> v.path("pointer").asString()).containsOnly("");
  }

  static Stream<Arguments> invalidItems() {
    return Stream.of(
        arguments("[]", List.of("")),
        arguments("null", List.of("")),
        arguments("\"text\"", List.of("")),
        arguments("{}", List.of("/name", "/price")),
        arguments(item("\"name\":null"), List.of("/name")),
        arguments(item("\"name\":7"), List.of("/name")),
        arguments(item("\"name\":\"\""), List.of("/name")),
        arguments(item("\"name\":\" \\u00a0\\u2003\\u3000\""), List.of("/name")),
        arguments(item("\"name\":\"a\\u0000b\""), List.of("/name")),
        arguments(item("\"name\":\"a\\nb\""), List.of("/name")),
        arguments(item("\"name\":\"\\ud800\""), List.of("/name")),
        arguments(item("\"name\":\"\\udc00\\ud800\""), List.of("/name")),
        arguments(item("\"name\":\"" + "a".repeat(201) + "\""), List.of("/name")),
        arguments(item("\"description\":[]"), List.of("/description")),
        arguments(item("\"description\":\"\\u0001\""), List.of("/description")),
        arguments(item("\"description\":\"" + "a".repeat(2_001) + "\""), List.of("/description")),
        arguments(item("\"price\":\"1\""), List.of("/price")),
        arguments(item("\"price\":true"), List.of("/price")),
        arguments(item("\"price\":-1"), List.of("/price")),
        arguments(item("\"price\":1000000000"), List.of("/price")),
        arguments(item("\"price\":0.001"), List.of("/price")),
        arguments(item("\"price\":1e999"), List.of("/price")),
        arguments(item("\"price\":1e-999999999"), List.of("/price")),
        arguments(item("\"price\":-1e-999999999"), List.of("/price", "/price")),
        arguments(item("\"price\":1e99999999999999999999"), List.of("/price")),
        arguments(item("\"price\":" + "9".repeat(100_000)), List.of("/price")),
        arguments(item("\"tags\":\"a\""), List.of("/tags")),
        arguments(item("\"tags\":[1]"), List.of("/tags/0")),
        arguments(item("\"tags\":[null]"), List.of("/tags/0")),
        arguments(item("\"tags\":[\"a\",\"b\",\"a\"]"), List.of("/tags/2")),
        arguments(item("\"tags\":[\"\",\" \"]"), List.of("/tags/0", "/tags/1")),
        arguments(item("\"tags\":[\"" + "a".repeat(51) + "\"]"), List.of("/tags/0")),
        arguments(item("\"tags\":[" + "\"a\",".repeat(20) + "\"b\"]"), List.of()),
        arguments(item("\"id\":\"x\""), List.of("/id")),
        arguments(item("\"version\":1"), List.of("/version")),
        arguments(item("\"other\":null"), List.of("/other")),
        arguments(item("\"a/b~c\":1"), List.of("/a~1b~0c")),
        arguments(item("\"\":1"), List.of("/")),
        arguments(item("\"name\":" + "[".repeat(20) + "]".repeat(20)), List.of("/name")),
        arguments(item("\"deep\":" + "[".repeat(20) + "]".repeat(20)), List.of("/deep")));
  }

  @ParameterizedTest
  @MethodSource("invalidItems")
  void answers422ToAnItemThatIsInvalid(String body, List<String> pointers) throws Exception {
    Answer rejected = api.send("POST", "/items", body);

    assertProblem(rejected, 422, "/problems/invalid-content");
    if (!pointers.isEmpty()) {
      assertThat(violations(rejected))
          .extracting(v -> v.path("pointer").asString())
          .containsExactlyElementsOf(pointers);
    }
  }

  @Test
  void namesEveryFaultOfABodyAtOnce() throws Exception {
    Answer rejected =
        api.send(
            "POST",
            "/items",
            """
            {"name": "\\u0000%s", "description": 1, "price": -0.001, "tags": ["a", "a", 7], "id": 1, "x": null}\
            """
                .formatted("a".repeat(200)));

    assertProblem(rejected, 422, "/problems/invalid-content");
    assertThat(violations(rejected))
        .extracting(v -> v.path("pointer").asString())
        .containsExactly(
            "/name",
            "/name",
            "/description",
            "/price",
            "/price",
            "/tags/1",
            "/tags/2",
            "/id",
            "/x");
    assertThat(violations(rejected)).allMatch(v -> !v.path("detail").asString().isBlank());
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"name\":null}', /name",
    "'{\"price\":null}', /price",
    "'{\"version\":3}', /version",
    "'{\"x\":null}', /x",
    "'[]', ''",
    "'null', ''",
    "'{\"tags\":[null]}', /tags/0"
  })
  void answers422ToAPatchThatIsInvalid(String patch, String pointer) throws Exception {
    String path = "/items/01890000-0000-7000-8000-000000000000";

    Answer rejected =
        api.send("PATCH", path, patch, "Content-Type", "application/merge-patch+json");

    assertProblem(rejected, 422, "/problems/invalid-content");
    assertThat(violations(rejected))
        .extracting(v -> v.path("pointer").asString())
        .containsExactly(pointer);
  }

  @Test
  void answers413ToABodyThatIsTooLarge() throws Exception {
    assertProblem(
        api.send("POST", "/items", "a".repeat(256 * 1024 + 1), "Content-Type", "text/plain"),
        413,
        "/problems/content-too-large");
  }

  @Test
  @NotApplicable(
      to = {Gateway.SAM_LOCAL, Gateway.MINISTACK},
      because = "it has no limit, and what is behind it fails")
  void leavesABodyThatLambdaDoesNotTakeToTheGateway() throws Exception {
    assertThat(api.sendBytes("POST", "/items", new byte[10 * 1024 * 1024]).status()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/xml",
        "application/json; charset=iso-8859-1",
        "json",
        "*/*",
        "application/json, application/json",
        "application/merge-patch+json"
      })
  void answers415ToAnotherMediaType(String type) throws Exception {
    Answer rejected = api.send("POST", "/items", GOOD, "Content-Type", type);

    assertProblem(rejected, 415, "/problems/unsupported-media-type");
    assertThat(rejected.header("Accept")).isEqualTo("application/json");
  }

  @ParameterizedTest
  @CsvSource({
    "gzip, true",
    "gzip, false",
    "br, true",
    "br, false",
    "'identity, gzip', true",
    "'identity, gzip', false"
  })
  void answers415ToABodyThatIsEncoded(String coding, boolean compressed) throws Exception {
    Gateway.notApplicable(
        Gateway.SAM_LOCAL, compressed, "it answers 502 to a body that is not UTF-8");

    byte[] body = compressed ? gzip(GOOD) : bytes(GOOD);
    Answer rejected = api.sendBytes("POST", "/items", body, "Content-Encoding", coding);

    assertProblem(rejected, 415, "/problems/unsupported-media-type");
    assertThat(rejected.header("Accept-Encoding")).isEqualTo("identity");
  }

  @Test
  void takesABodyThatSaysItIsNotEncoded() throws Exception {
    Answer taken = api.send("POST", "/items", GOOD, "Content-Encoding", "identity");
    assertThat(taken.status()).isEqualTo(201);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(bytes(text));
    }
    return bytes.toByteArray();
  }

  @Test
  void takesUtf8ByItsAlias() throws Exception {
    String type = "application/json; charset=utf8";
    assertThat(api.send("POST", "/items", GOOD, "Content-Type", type).status()).isEqualTo(201);
  }

  @Test
  void tellsAPatchWhichMembersMustNotBeNull() throws Exception {
    String id = api.send("POST", "/items", GOOD).text("id");

    Answer rejected = api.send("PATCH", "/items/" + id, "{\"name\":null,\"price\":null}");

    assertProblem(rejected, 422, "/problems/invalid-content");
    assertThat(violations(rejected))
        .extracting(v -> v.path("pointer").asString() + " " + v.path("detail").asString())
        .containsExactly("/name must not be null", "/price must not be null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"~", "/", "é", "\\\"", "\\u0001"})
  void answersShortlyToNamesWithoutEnd(String character) throws Exception {
    String name = character.repeat(200 * 1024 / bytes(character).length);

    Answer rejected = api.send("POST", "/items", item("\"" + name + "\":1"));

    assertProblem(rejected, 422, "/problems/invalid-content");
    assertThat(rejected.text().length()).isLessThan(2_000);
  }

  @Test
  void saysWhatPatchesItTakes() throws Exception {
    Answer rejected =
        api.send(
            "PATCH",
            "/items/01890000-0000-7000-8000-000000000000",
            "{}",
            "Content-Type",
            "application/json-patch+json");

    assertProblem(rejected, 415, "/problems/unsupported-media-type");
    assertThat(rejected.header("Accept-Patch"))
        .isEqualTo("application/merge-patch+json, application/json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=0",
        "limit=-1",
        "limit=101",
        "limit=x",
        "limit=1e3",
        "limit=",
        "limit=+5",
        "limit=1&limit=2",
        "limit=%zz",
        "limit=%D9%A3",
        "limit=99999999999",
        "cursor=",
        "cursor=x",
        "cursor=%FF",
        "cursor=AAAA",
        "cursor=a&cursor=b",
        "limit",
        "limit=1%00"
      })
  void answers400ToAParameterThatIsMalformed(String query) throws Exception {
    Answer rejected = api.get("/items?" + query.replace("%zz", "%25zz"));

    assertProblem(rejected, 400, "/problems/malformed-request");
    assertThat(violations(rejected))
        .extracting(v -> v.path("parameter").asString())
        .containsExactly(query.replaceAll("=.*", ""));
  }

  @Test
  void namesEveryMalformedPieceAtOnce() throws Exception {
    Answer rejected = api.get("/items?limit=0&cursor=x&other=%FF&other");

    assertThat(violations(rejected))
        .extracting(v -> v.path("parameter").asString())
        .containsExactly("limit", "cursor");

    Answer post =
        api.send("PUT", "/items/01890000-0000-7000-8000-000000000000", "{", "If-Match", "x");
    assertProblem(post, 400, "/problems/malformed-request");
    assertThat(violations(post)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "\"1", "\"a\" \"b\"", "*, \"1\"", "w/\"1\"", ",", "\"a b\""})
  void answers400ToEntityTagsThatAreMalformed(String tags) throws Exception {
    String path = "/items/01890000-0000-7000-8000-000000000000";

    for (Answer rejected :
        List.of(
            api.send("PUT", path, GOOD, "If-Match", tags),
            api.send("PATCH", path, "{}", "If-Match", tags),
            api.send("DELETE", path, "", "If-Match", tags),
            api.get(path, "If-None-Match", tags))) {
      assertProblem(rejected, 400, "/problems/malformed-request");
      assertThat(violations(rejected)).hasSize(1);
    }
  }

  @Test
  void answers400ToAnIdempotencyKeyThatIsMalformed() throws Exception {
    for (String key : new String[] {"", "a".repeat(256), "a\tb"}) {
      Answer rejected = api.send("POST", "/items", GOOD, "Idempotency-Key", key);

      assertProblem(rejected, 400, "/problems/malformed-request");
      assertThat(violations(rejected).getFirst().path("header").asString())
          .isEqualTo("Idempotency-Key");
    }
    assertThat(api.send("POST", "/items", GOOD, "Idempotency-Key", "~".repeat(255)).status())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "1",
        "0189000000007000800000000000000000",
        "{id}",
        "%00",
        "..%2f",
        "1-1-1-1-1",
        "01890000-0000-7000-8000-00000000000g",
        "01890000-0000-7000-8000-000000000000"
      })
  void answers404ToAnIdThatNothingHas(String id) throws Exception {
    String path = "/items/" + id.replace("{", "%7B").replace("}", "%7D");

    assertProblem(api.get(path), 404, "/problems/not-found");
    assertProblem(api.send("PUT", path, GOOD), 404, "/problems/not-found");
    assertProblem(api.send("PATCH", path, "{}"), 404, "/problems/not-found");
    assertProblem(api.send("DELETE", path, ""), 404, "/problems/not-found");
    assertProblem(
        api.get("/notifications/" + path.substring("/items/".length())),
        404,
        "/problems/not-found");
  }

  @Test
  void refusesInTheOrderOfTheDesign() throws Exception {
    String missing = "/items/01890000-0000-7000-8000-000000000000";
    String large = "a".repeat(300_000);

    assertThat(api.send("PUT", missing, large, "Content-Type", "text/plain").status())
        .as("413 before 415")
        .isEqualTo(413);
    assertThat(api.send("PUT", missing, "{", "Content-Type", "text/plain").status())
        .as("415 before 400")
        .isEqualTo(415);
    assertThat(api.send("PUT", missing, "{}", "If-Match", "x").status())
        .as("400 before 422")
        .isEqualTo(400);
    assertThat(api.send("PUT", missing, "{}").status()).as("422 before 404").isEqualTo(422);
  }

  @Test
  @NotApplicable(because = "the function is handed an event that no gateway makes")
  void takesBodiesThatTravelInBase64AndHeadersInAnyCase(LocalRun run) {
    String id =
        created(run, "POST", Map.of("CONTENT-TYPE", "Application/JSON"), base64(GOOD)).text();

    assertThat(id).contains("\"name\":\"Lamp\"");
    assertThat(created(run, "POST", Map.of(), "%%%").path("statusCode").asInt()).isEqualTo(400);
  }

  private record Invoked(JsonNode reply) {
    JsonNode path(String name) {
      return reply.path(name);
    }

    String text() {
      assertThat(reply.path("statusCode").asInt()).as(reply.toString()).isEqualTo(201);
      return reply.path("body").asString();
    }
  }

  private static Invoked created(
      LocalRun run, String method, Map<String, String> headers, String base64) {
    Map<String, Object> event = new HashMap<>();
    event.put("version", "2.0");
    event.put("routeKey", method + " /items");
    event.put("rawPath", "/items");
    event.put("headers", headers);
    event.put("body", base64);
    event.put("isBase64Encoded", true);
    event.put(
        "requestContext",
        Map.of("requestId", "r-1", "http", Map.of("method", method, "path", "/items")));
    byte[] reply = run.invoke("CreateItem", Api.JSON.writeValueAsBytes(event));
    return new Invoked(Api.JSON.readTree(reply));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Returns a valid item with another member, or with another value for a member. */
  private static String item(String member) {
    String name = member.startsWith("\"name\"") ? "" : "\"name\":\"Lamp\",";
    String price = member.startsWith("\"price\"") ? "" : "\"price\":1,";
    return "{" + name + price + member + "}";
  }

  private static List<JsonNode> violations(Answer answer) {
    return answer.json().required("violations").valueStream().toList();
  }

  static void assertProblem(Answer answer, int status, String type) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.text("type")).isEqualTo(type);
    assertThat(answer.json().required("status").asInt()).isEqualTo(status);
    assertThat(answer.text("title")).isNotBlank();
    assertThat(answer.text("detail")).isNotBlank();
    assertThat(answer.text("instance")).startsWith("/");
    assertThat(answer.text("requestId")).isNotBlank();
  }
}
