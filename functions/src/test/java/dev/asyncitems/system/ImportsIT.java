package dev.asyncitems.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.system.Api.Answer;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Imports over HTTP: accepting, creating items in the background, and reading the progress. */
@EndToEnd
@Needs(Capability.A_THOUSAND_ROWS)
final class ImportsIT {
  private static final String NDJSON = "application/x-ndjson";
  private static final String JSON = "application/json";
  private static final int MAX_BYTES = 256 * 1024;

  private final Api api;

  ImportsIT(Api api) {
    this.api = api;
  }

  private Answer send(String body, String type, String... headers) throws Exception {
    return send(body.getBytes(UTF_8), type, headers);
  }

  private Answer send(byte[] body, String type, String... headers) throws Exception {
    List<String> all = new ArrayList<>(List.of("Content-Type", type));
    all.addAll(List.of(headers));
    return api.sendBytes("POST", "/imports", body, all.toArray(String[]::new));
  }

  /** Returns the import once it is done. Checks that its progress never goes back. */
  private JsonNode done(Answer accepted) throws Exception {
    assertThat(accepted.status()).as("%s", accepted).isEqualTo(202);
    List<JsonNode> seen = new ArrayList<>(List.of(accepted.json()));
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          JsonNode now = api.get(accepted.header("Location")).json();
          JsonNode before = seen.getLast();
          for (String count : List.of("created", "rejected")) {
            assertThat(number(now, count)).isGreaterThanOrEqualTo(number(before, count));
          }
          assertThat(stage(now)).as("%s", now).isGreaterThanOrEqualTo(stage(before));
          seen.add(now);
          return now.required("status").asString().equals("done");
        });
    JsonNode last = seen.getLast();
    assertThat(number(last, "created") + number(last, "rejected")).isEqualTo(number(last, "total"));
    return last;
  }

  private static int stage(JsonNode progress) {
    return List.of("queued", "running", "done").indexOf(progress.required("status").asString());
  }

  private static int number(JsonNode progress, String member) {
    return progress.required(member).asInt();
  }

  private static List<Integer> rejectedLines(JsonNode progress) {
    return progress.required("failures").valueStream().map(one -> number(one, "line")).toList();
  }

  /** Returns the names of the items that begin with a prefix, newest first. */
  private List<String> names(String prefix) throws Exception {
    List<String> names = new ArrayList<>();
    Optional<String> cursor = Optional.of("");
    while (cursor.isPresent()) {
      JsonNode page = api.get("/items?limit=100" + cursor.get()).json();
      page.required("items")
          .valueStream()
          .map(item -> item.required("name").asString())
          .filter(name -> name.startsWith(prefix))
          .forEach(names::add);
      cursor =
          page.has("nextCursor")
              ? Optional.of("&cursor=" + page.required("nextCursor").asString())
              : Optional.empty();
    }
    return names;
  }

  private static String item(String name) {
    return "{\"name\": \"" + name + "\", \"price\": 1.5}";
  }

  private static String unique() {
    return "import " + UUID.randomUUID() + " ";
  }

  @Test
  void aFileOfAThousandItemsIsImportedInOrder() throws Exception {
    String prefix = unique();
    List<String> names = IntStream.range(0, 1_000).mapToObj(i -> prefix + (1_000 + i)).toList();
    Answer accepted = send(String.join("\n", names.stream().map(ImportsIT::item).toList()), NDJSON);
    assertThat(accepted.text())
        .matches(
            "\\{\"id\":\"[0-9a-f-]{36}\",\"status\":\"queued\",\"total\":1000,\"created\":0,"
                + "\"rejected\":0,\"createdAt\":\"[0-9T:.-]+Z\"}");
    assertThat(accepted.header("Location")).isEqualTo("/imports/" + accepted.text("id"));

    JsonNode done = done(accepted);

    assertThat(number(done, "created")).isEqualTo(1_000);
    assertThat(done.required("failures")).isEmpty();
    assertThat(names(prefix)).isEqualTo(names.reversed());
  }

  /** Returns lines that break every rule of items, and lines that are not JSON objects. */
  private static List<byte[]> badLines() {
    Stream<String> texts =
        Stream.of(
            "{\"price\": 1}",
            "{\"name\": \"a\"}",
            "{}",
            "{\"name\": null, \"price\": null}",
            "{\"name\": \"\", \"price\": 1}",
            "{\"name\": \" \", \"price\": 1}",
            "{\"name\": \"\\u0000\", \"price\": 1}",
            "{\"name\": 7, \"price\": 1}",
            "{\"name\": \"" + "a".repeat(201) + "\", \"price\": 1}",
            "{\"name\": \"a\", \"price\": \"1\"}",
            "{\"name\": \"a\", \"price\": -1}",
            "{\"name\": \"a\", \"price\": 1.005}",
            "{\"name\": \"a\", \"price\": -1.005}",
            "{\"name\": \"a\", \"price\": 1000000000}",
            "{\"name\": \"a\", \"price\": 1e999999999}",
            "{\"name\": \"a\", \"price\": " + "1".repeat(2_000) + "}",
            "{\"name\": \"a\", \"price\": 1, \"description\": 1}",
            "{\"name\": \"a\", \"price\": 1, \"description\": \"\\u0007\"}",
            "{\"name\": \"a\", \"price\": 1, \"description\": \"" + "d".repeat(2_001) + "\"}",
            "{\"name\": \"a\", \"price\": 1, \"tags\": \"a\"}",
            "{\"name\": \"a\", \"price\": 1, \"tags\": [1, \"\", \" \", \"a\", \"a\"]}",
            "{\"name\": \"a\", \"price\": 1, \"tags\": [\"" + "t".repeat(51) + "\"]}",
            "{\"name\": \"a\", \"price\": 1, \"tags\": ["
                + String.join(",", IntStream.range(0, 21).mapToObj(i -> "\"" + i + "\"").toList())
                + "]}",
            "{\"name\": \"a\", \"price\": 1, \"unknown\": \"red\"}",
            "{\"name\": \"a\", \"price\": 1, \"id\": 1, \"version\": 1}",
            "{\"name\": \"a\", \"price\": 1, \"\": 1, \"a/b~c\": 1}",
            "{\"name\": \"a\", \"price\": 1, \"\\ud800\": 1}",
            "{\"name\": \"a\", \"name\": \"b\", \"price\": 1}",
            "{\"name\": \"a\", \"price\": 1",
            "{\"name\": \"a\", \"price\": 1}}",
            "{\"name\": \"a\", \"price\": 01}",
            "{name: \"a\"}",
            "name,price",
            "[]",
            "[{\"name\": \"a\", \"price\": 1}]",
            "null",
            "7",
            "\"a\"",
            "{\"name\": \"a\", \"price\": {}}",
            "[".repeat(20_000));
    return texts.map(text -> text.getBytes(UTF_8)).toList();
  }

  @Test
  void aBadLineIsRejectedWithTheViolationsOfAPostAndTheOthersAreImported() throws Exception {
    String prefix = unique();
    List<byte[]> bad = badLines();
    assertThat(bad).hasSize(40);
    List<Integer> badNumbers = IntStream.range(0, 40).mapToObj(i -> 7 + 25 * i).toList();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (int line = 1; line <= 1_000; line++) {
      int index = badNumbers.indexOf(line);
      file.write(index < 0 ? item(prefix + (1_000 + line)).getBytes(UTF_8) : bad.get(index));
      file.write('\n');
    }

    JsonNode done = done(send(file.toByteArray(), NDJSON));

    assertThat(number(done, "created")).isEqualTo(960);
    assertThat(number(done, "rejected")).isEqualTo(40);
    assertThat(rejectedLines(done)).isEqualTo(badNumbers);
    assertThat(names(prefix)).hasSize(960);
    for (int i = 0; i < bad.size(); i++) {
      Answer single = api.sendBytes("POST", "/items", bad.get(i), "Content-Type", JSON);
      assertThat(done.required("failures").get(i).required("violations"))
          .as(
              "line %s: %s",
              i,
              new String(bad.get(i), UTF_8)
                  .transform(text -> text.substring(0, Math.min(99, text.length()))))
          .isEqualTo(single.json().required("violations"));
    }
  }

  @Test
  void aLineThatIsNotUtf8IsRejectedAlone() throws Exception {
    Gateway.notApplicable(Gateway.SAM_LOCAL, true, "it answers 502 to a body that is not UTF-8");
    byte[] line = (item("a") + "\n").getBytes(UTF_8);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (int number = 1; number <= 1_000; number++) {
      file.write(number == 500 ? new byte[] {'"', (byte) 0xFF, '"', '\n'} : line);
    }
    JsonNode done = done(send(file.toByteArray(), NDJSON));
    assertThat(number(done, "created")).isEqualTo(999);
    assertThat(done.required("failures").toString())
        .isEqualTo(
            "[{\"line\":500,\"violations\":[{\"pointer\":\"\",\"detail\":\"the body is not"
                + " UTF-8\"}]}]");
  }

  @Test
  void aHundredRejectedLinesAreShownAndAllAreCounted() throws Exception {
    JsonNode done = done(send("{}\n".repeat(120), NDJSON));
    assertThat(number(done, "rejected")).isEqualTo(120);
    assertThat(rejectedLines(done)).isEqualTo(IntStream.rangeClosed(1, 100).boxed().toList());
  }

  @Test
  void aRejectedLineHasTwentyViolationsAtMost() throws Exception {
    List<String> members = IntStream.range(0, 30).mapToObj(i -> "\"m" + i + "\": 1").toList();
    JsonNode done = done(send("{" + String.join(",", members) + "}", NDJSON));
    assertThat(done.required("failures").get(0).required("violations")).hasSize(20);
  }

  @Test
  void blankLinesAreSkippedAndCounted() throws Exception {
    String file = "\uFEFF\r\n" + item("a") + "\r\n \t\r\n\n{}\r\n" + item("b") + "\r\n\r\n";
    JsonNode done = done(send(file, NDJSON));
    assertThat(number(done, "total")).isEqualTo(3);
    assertThat(number(done, "created")).isEqualTo(2);
    assertThat(rejectedLines(done)).containsExactly(5);
  }

  @Test
  void anArrayIsImportedWithPositionsAsLines() throws Exception {
    String prefix = unique();
    String file =
        "[\n  {\n\"name\": \"%s\\n\", \"price\": 1},\r\n null , %s, \"\\ud800\", {\"price\":%n1}]"
            .formatted(prefix, item(prefix + "ä 😀"));
    JsonNode done = done(send(file, JSON));
    assertThat(rejectedLines(done)).containsExactly(1, 2, 4, 5);
    assertThat(names(prefix)).containsExactly(prefix + "ä 😀");
  }

  @Test
  void aBodyWithoutATypeIsAnArray() throws Exception {
    Answer accepted = api.sendBytes("POST", "/imports", ("[" + item("a") + "]").getBytes(UTF_8));
    assertThat(number(done(accepted), "created")).isEqualTo(1);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Body(String name, String type, byte[] bytes, int status) {
    static Body of(String name, String type, String text, int status) {
      return new Body(name, type, text.getBytes(UTF_8), status);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Body> bodies() {
    String tooMany = (item("a") + "\n").repeat(1_001);
    byte[] notUtf8 =
        ("[" + item("a\u00ff") + "]").getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    return List.of(
        Body.of("empty", NDJSON, "", 422),
        Body.of("empty JSON", JSON, "", 400),
        Body.of("blank lines", NDJSON, "\n \r\n\t\n", 422),
        Body.of("a byte order mark", NDJSON, "\uFEFF", 422),
        Body.of("a byte order mark before JSON", JSON, "\uFEFF[]", 400),
        Body.of("an empty array", JSON, "[]", 422),
        Body.of("an object", JSON, "{\"items\": []}", 422),
        Body.of("1,001 lines", NDJSON, tooMany, 422),
        Body.of("1,001 elements", JSON, "[" + "0,".repeat(1_000) + "0]", 422),
        Body.of("256 KiB and a byte", NDJSON, " ".repeat(MAX_BYTES + 1), 413),
        Body.of("256 KiB of line ends", NDJSON, "\n".repeat(MAX_BYTES), 422),
        Body.of("NDJSON as JSON", JSON, item("a") + "\n" + item("b"), 400),
        Body.of("an unfinished array", JSON, "[" + item("a") + ",", 400),
        Body.of("duplicate members in an array", JSON, "[{\"name\": \"a\", \"name\": \"b\"}]", 400),
        Body.of("a deep array", JSON, "[".repeat(20_000), 400),
        Body.of("text after an array", JSON, "[" + item("a") + "]]", 400),
        new Body("an array that is not UTF-8", JSON, notUtf8, 400),
        Body.of("text", "text/plain", item("a"), 415),
        Body.of("another charset", NDJSON + "; charset=latin1", item("a"), 415));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void aFileOfTheWrongFormIsRejected(Body body) throws Exception {
    boolean text = !body.name().contains("not UTF-8");
    Gateway.notApplicable(Gateway.SAM_LOCAL, !text, "it answers 502 to a body that is not UTF-8");
    Gateway.notApplicable(Gateway.MINISTACK, !text, "it makes UTF-8 of a body that is not");
    Answer answer = send(body.bytes(), body.type());
    assertThat(answer.status()).as("%s", answer).isEqualTo(body.status());
    assertThat(answer.text("type")).startsWith("/problems/");
  }

  static List<Body> odd() {
    String deep = "[".repeat(20_000) + "]".repeat(20_000);
    IntFunction<String> tildes =
        length -> "{\"" + "~".repeat(length) + "\": 1, \"name\": \"a\", \"price\": 1}";
    return List.of(
        Body.of("an array as NDJSON", NDJSON, "[" + item("a") + "]", 1),
        Body.of("an unfinished last line", NDJSON, item("a") + "\n{\"name\": \"b", 1),
        Body.of("deep nesting in a line", NDJSON, item("a") + "\n" + deep, 1),
        Body.of("a line of 200 KiB", NDJSON, item("n".repeat(200 * 1_024)), 1),
        Body.of("a member of 200 KiB", NDJSON, tildes.apply(200 * 1_024), 1),
        Body.of("a member of 40 KiB in an array", JSON, "[" + tildes.apply(40 * 1_024) + "]", 1),
        Body.of("256 KiB", NDJSON, item("a") + "\n".repeat(MAX_BYTES - item("a").length()), 0),
        Body.of("lone carriage returns", NDJSON, item("a") + "\r" + item("b"), 1));
  }

  @ParameterizedTest
  @MethodSource("odd")
  void anOddFileIsAcceptedAndItsBadLinesAreRejected(Body body) throws Exception {
    JsonNode done = done(send(body.bytes(), body.type()));
    assertThat(number(done, "rejected")).as("%s", done).isEqualTo(body.status());
    assertThat(done.toString()).hasSizeLessThan(2_000);
  }

  @Test
  void requestsWithOneKeyStartOneImport() throws Exception {
    String key = UUID.randomUUID().toString();
    String prefix = unique();
    String file = item(prefix + "a") + "\n" + item(prefix + "b");
    int many = Gateway.atOnce(20);
    List<CompletableFuture<Answer>> requests = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      requests.add(
          api.sendAsync("POST", "/imports", file, "Content-Type", NDJSON, "Idempotency-Key", key));
    }
    List<Answer> answers = requests.stream().map(CompletableFuture::join).toList();

    assertThat(answers).extracting(Answer::status).containsOnly(202);
    assertThat(answers).extracting(Answer::text).containsOnly(answers.getFirst().text());
    assertThat(answers)
        .extracting(answer -> answer.header("Idempotent-Replayed"))
        .filteredOn("true"::equals)
        .hasSize(many - 1);
    done(answers.getFirst());
    assertThat(names(prefix)).hasSize(2);
    assertThat(send(file, NDJSON, "Idempotency-Key", key).text())
        .as("the first answer, although the import is done")
        .isEqualTo(answers.getFirst().text());
    assertThat(send(file + "\n", NDJSON, "Idempotency-Key", key).status()).isEqualTo(422);
    assertThat(send(file, NDJSON + "; charset=utf-8", "Idempotency-Key", key).status())
        .isEqualTo(202);
  }

  @Test
  void aKeyIsOfOneMediaType() throws Exception {
    String key = UUID.randomUUID().toString();
    String file = "[" + item("a") + "]";
    assertThat(send(file, JSON, "Idempotency-Key", key).status()).isEqualTo(202);
    Answer other = send(file, NDJSON, "Idempotency-Key", key);
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.text("type")).isEqualTo("/problems/idempotency-key-reused");
  }

  @Test
  void importsAreListedNewestFirst() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Answer accepted = send(item("a") + "\n{}", NDJSON);
      done(accepted);
      ids.add(accepted.text("id"));
    }
    JsonNode first = api.get("/imports?limit=2").json();
    JsonNode second =
        api.get("/imports?limit=2&cursor=" + first.required("nextCursor").asString()).json();
    List<JsonNode> listed =
        Stream.of(first, second).flatMap(page -> page.required("imports").valueStream()).toList();
    assertThat(listed).extracting(one -> one.required("id").asString()).startsWith(ids.get(2));
    assertThat(listed.stream().map(one -> one.required("id").asString()).filter(ids::contains))
        .containsExactlyElementsOf(ids.reversed());
    assertThat(listed.getFirst().required("rejected").asInt()).isEqualTo(1);
    assertThat(listed.getFirst().has("failures")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-uuid", "019bc0ff-6084-7000-8f16-2b9d04c7e5a1"})
  void anUnknownImportIsNotFound(String id) throws Exception {
    assertThat(api.get("/imports/" + id).status()).isEqualTo(404);
  }

  @Test
  void aChunkIsNoImport() throws Exception {
    Answer accepted = send(item("a"), NDJSON);
    String chunk = accepted.header("Location").replaceFirst("-7000-", "-7001-");
    assertThat(api.get(chunk).status()).isEqualTo(404);
  }
}
