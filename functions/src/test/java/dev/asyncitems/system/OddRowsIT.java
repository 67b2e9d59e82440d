package dev.asyncitems.system;

import static dev.asyncitems.system.Backend.QUEUE;
import static dev.asyncitems.system.Backend.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromBool;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromL;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromNul;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromSs;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Pause;
import dev.asyncitems.call.Retries;
import dev.asyncitems.dynamodb.DynamoDb;
import dev.asyncitems.dynamodb.DynamoOutbox;
import dev.asyncitems.dynamodb.Shards;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.outbox.OutboxStore;
import dev.asyncitems.sdk.Clients;
import dev.asyncitems.value.UuidV7;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;

/** Rows that today's rules reject, and rows that no release has written. */
@TestInstance(Lifecycle.PER_CLASS)
final class OddRowsIT {
  private static final Instant TIME = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final String PLACE = "2026-01-15T09:33:00.123Z#";

  /** A plain client, because {@link Api} applies the rules for writing to every answer. */
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final LocalRun run = Lane.run().withoutPollers().start();
  private final Backend backend = new Backend(run);
  private final List<JsonNode> lines = new CopyOnWriteArrayList<>();
  private final AutoCloseable reading = LogLines.to(lines::add);

  OddRowsIT() throws IOException {}

  @BeforeEach
  void empty() {
    backend.deleteRows("Items");
    backend.deleteRows("Notifications");
    backend.empty(QUEUE);
    lines.clear();
  }

  @AfterAll
  void close() throws Exception {
    reading.close();
    client.close();
    backend.close();
    run.close();
  }

  private static final AttributeValue LIST_OF_NULL = fromL(List.of(fromNul(true)));

  /**
   * Returns odd rows of items: a description, the odd attributes, the text in the answer, and the
   * pointer of the violation when it is patched.
   */
  static Stream<Arguments> oddItems() {
    String pastAll = "1".repeat(38);
    return Stream.of(
        arguments("a price of three decimals", Map.of("price", fromN("1.005")), "1.005", "/price"),
        arguments("a price below 0", Map.of("price", fromN("-3")), "-3", "/price"),
        arguments("a price of 38 digits", Map.of("price", fromN(pastAll)), pastAll, "/price"),
        arguments("a tiny price", Map.of("price", fromN("1e-130")), "\"price\":0.000", "/price"),
        arguments("a price in words", Map.of("price", fromS("dear")), "\"price\":0,", "/price"),
        arguments("an endless price", Map.of("price", fromS("1e999999999")), ":0,", "/price"),
        arguments("a price that is a map", Map.of("price", fromM(Map.of())), ":0,", "/price"),
        arguments("no price", without("price"), "\"price\":0,", "/price"),
        arguments("a blank name", Map.of("name", fromS(" ")), "\"name\":\" \"", "/name"),
        arguments("a long name", Map.of("name", fromS("n".repeat(300))), "nnn", "/name"),
        arguments("a name of lines", Map.of("name", fromS("a\nb")), "a\\nb", "/name"),
        arguments("no name", without("name"), "\"name\":\"\"", "/name"),
        arguments("a name that is null", Map.of("name", fromNul(true)), "\"name\":\"\"", "/name"),
        arguments("a name that is a number", Map.of("name", fromN("7")), "\"name\":\"7\"", ""),
        arguments("a name that is a list", Map.of("name", fromL(List.of())), "\"name\":", ""),
        arguments("a long tag", tags(fromS("t".repeat(80))), "tttt", "/tags/0"),
        arguments("a blank tag", tags(fromS("a"), fromS(" ")), "[\"a\",\" \"]", "/tags/1"),
        arguments("a tag twice", tags(fromS("a"), fromS("a")), "[\"a\",\"a\"]", "/tags/1"),
        arguments("a tag that is a number", tags(fromN("7"), fromBool(true)), "[\"7\",", ""),
        arguments("tags that are a text", Map.of("tags", fromS("a,b")), "[\"a,b\"]", ""),
        arguments("tags that are a set", Map.of("tags", fromSs(List.of("x"))), "[\"x\"]", ""),
        arguments("tags that are a map", Map.of("tags", fromM(Map.of())), "\"tags\":", ""),
        arguments("no tags", without("tags"), "\"tags\":[]", ""),
        arguments("a tag that is null", tags(fromNul(true), fromS("a")), "\"tags\":[\"a\"]", ""),
        arguments("tags that are null", Map.of("tags", fromNul(true)), "\"tags\":[]", ""),
        arguments("a tag that is a list of null", tags(LIST_OF_NULL), "[\"[null]\"]", ""),
        arguments("half a shard", Map.of("shard", fromN("1.5")), "lamp", ""),
        arguments("a shard beyond all", Map.of("shard", fromN("99999999999")), "lamp", ""),
        arguments("a description that is a map", Map.of("description", fromM(Map.of())), "id", ""),
        arguments("no times", without("createdAt", "updatedAt"), "T09:32:00.123Z", ""),
        arguments("no updatedAt", without("updatedAt"), "T09:32:00.123Z", ""),
        arguments("times in words", Map.of("createdAt", fromS("today")), "T09:32:00.123Z", ""),
        arguments("times that are lists", Map.of("createdAt", fromL(List.of())), "00.123Z", ""),
        arguments(
            "an update before its creation",
            Map.of("updatedAt", fromS("2020-01-01T00:00:00Z")),
            "2020-01-01T00:00:00.000Z",
            ""),
        arguments("no version", without("version"), "\"version\":1", ""),
        arguments("version 0", Map.of("version", fromN("0")), "\"version\":1", ""),
        arguments("a version below 0", Map.of("version", fromN("-5")), "\"version\":1", ""),
        arguments("a version in words", Map.of("version", fromS("one")), "\"version\":1", ""),
        arguments("a version and a half", Map.of("version", fromN("1.5")), "\"version\":1}", ""),
        arguments("version 7.5", Map.of("version", fromN("7.5")), "\"version\":7}", ""),
        arguments("a version of 20 digits", version("9".repeat(20)), "\"version\":1}", ""),
        arguments("an endless version", version("9e125"), "\"version\":1}", ""),
        arguments("a version of 19 digits", version(BEFORE_LAST), BEFORE_LAST, ""),
        arguments("the last version", version(LAST), LAST, ""),
        arguments("the last version and a half", version(LAST + ".5"), LAST, ""),
        arguments("an unknown attribute", Map.of("unknown", fromS("red")), "lamp", ""));
  }

  private static final String LAST = String.valueOf(Long.MAX_VALUE);
  private static final String BEFORE_LAST = String.valueOf(Long.MAX_VALUE - 1);

  private static Map<String, AttributeValue> version(String number) {
    return Map.of("version", fromN(number));
  }

  private static Map<String, AttributeValue> tags(AttributeValue... tags) {
    return Map.of("tags", fromL(List.of(tags)));
  }

  private static final AttributeValue ABSENT = fromS("absent");

  private static Map<String, AttributeValue> without(String... names) {
    return Stream.of(names).collect(Collectors.toMap(name -> name, name -> ABSENT));
  }

  /** Returns whether an update compares a text. Updates compare only the version. */
  private static boolean comparesAText(Map<String, AttributeValue> odd) {
    AttributeValue version = odd.get("version");
    return version != null && version.type() == AttributeValue.Type.S && !version.equals(ABSENT);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oddItems")
  void anOddItemIsListedAndReadAndAPutMendsIt(
      String what, Map<String, AttributeValue> odd, String shown, String violation)
      throws Exception {
    Lane.engine().notApplicable(Capability.TYPED_COMPARISONS, comparesAText(odd));
    String id = put(odd);
    String good = put(Map.of());
    for (String path : List.of("/items", "/items?limit=1", "/items/" + id, "/data")) {
      assertThat(send("GET", path, "").statusCode()).as(path).isEqualTo(200);
    }
    // Lists leave out a row with an unknown shard.
    assertThat(ids("/items?limit=1", "items"))
        .containsExactlyInAnyOrderElementsOf(
            odd.containsKey("shard") ? List.of(good) : List.of(id, good));
    assertThat(send("GET", "/items/" + id, "").body()).contains(shown);

    HttpResponse<String> patched = send("PATCH", "/items/" + id, "{\"description\":\"new\"}");
    if (violation.isEmpty()) {
      assertThat(patched.statusCode()).as(patched.body()).isEqualTo(200);
    } else {
      assertThat(patched.statusCode()).as(patched.body()).isEqualTo(422);
      assertThat(patched.body())
          .contains("\"type\":\"/problems/invalid-content\"")
          .contains("\"pointer\":\"" + violation + "\"");
    }

    HttpResponse<String> put = send("PUT", "/items/" + id, "{\"name\":\"desk\",\"price\":2}");
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    HttpResponse<String> read = send("GET", "/items/" + id, "");
    assertThat(read.body())
        .isEqualTo(put.body())
        .contains("\"name\":\"desk\",\"price\":2,\"tags\":[],");
    String tag = read.headers().firstValue("etag").orElseThrow();
    assertThat(send("PATCH", "/items/" + id, "{\"price\":3}", "If-Match", tag).statusCode())
        .isEqualTo(200);
    assertThat(send("DELETE", "/items/" + id, "").statusCode()).isEqualTo(204);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oddItems")
  void anOddItemIsDeletedByItsETag(
      String what, Map<String, AttributeValue> odd, String shown, String violation)
      throws Exception {
    Lane.engine().notApplicable(Capability.TYPED_COMPARISONS, comparesAText(odd));
    String id = put(odd);
    String tag = send("GET", "/items/" + id, "").headers().firstValue("etag").orElseThrow();
    assertThat(send("DELETE", "/items/" + id, "", "If-Match", tag).statusCode()).isEqualTo(204);
  }

  @Test
  void aRowWithoutAnIdOfOursIsSkippedAndCounted() throws Exception {
    String first = put(Map.of());
    put(Map.of("id", fromS("zzz")));
    String second = put(Map.of());
    put(Map.of("id", fromS("1-1-1-1-1")));
    put(Map.of("id", fromS(second.toUpperCase(Locale.ROOT))));

    for (String limit : List.of("1", "2", "100")) {
      assertThat(ids("/items?limit=" + limit, "items")).containsExactlyInAnyOrder(first, second);
    }
    assertThat(send("GET", "/data", "").statusCode()).isEqualTo(200);
    assertThat(lines)
        .filteredOn(line -> line.path("skippedRows").asInt(0) > 0)
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.path("level").asString("")).isEqualTo("WARN"));
  }

  @Test
  @Needs(Capability.TYPED_COMPARISONS)
  void anIdempotentReplayGivesAnOddItem() throws Exception {
    String body = "{\"name\":\"lamp\",\"price\":1}";
    HttpResponse<String> created = send("POST", "/items", body, "Idempotency-Key", "odd");
    assertThat(created.statusCode()).isEqualTo(201);
    for (Map<String, AttributeValue> record : backend.rows("Idempotency")) {
      Map<String, AttributeValue> odd = new HashMap<>(record);
      Map<String, AttributeValue> result =
          new HashMap<>(Objects.requireNonNull(record.get("result")).m());
      result.put("price", fromN("1.005"));
      result.put("name", fromS(" "));
      result.put("tags", fromS("a"));
      result.put("shard", fromS("first"));
      result.remove("updatedAt");
      odd.put("expiresAt", fromS("tomorrow"));
      odd.put("result", fromM(result));
      backend.put("Idempotency", List.of(odd));
    }
    HttpResponse<String> again = send("POST", "/items", body, "Idempotency-Key", "odd");
    assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
    assertThat(again.headers().firstValue("idempotent-replayed")).contains("true");
    assertThat(again.body()).contains("\"price\":1.005");
  }

  /**
   * Returns odd rows of notifications: a description, the odd attributes, and the status in the
   * answer.
   */
  static Stream<Arguments> oddNotifications() {
    return Stream.of(
        arguments("a blank message", Map.of("message", fromS(" ")), "queued"),
        arguments("a long message", Map.of("message", fromS("m".repeat(5_000))), "queued"),
        arguments("no message", without("message"), "queued"),
        arguments("a message that is a number", Map.of("message", fromN("7")), "queued"),
        arguments("attempts below 0", Map.of("attempts", fromN("-1")), "queued"),
        arguments("no attempts", without("attempts"), "queued"),
        arguments("attempts in words", Map.of("attempts", fromS("many")), "queued"),
        arguments("attempts that are null", Map.of("attempts", fromNul(true)), "queued"),
        arguments("attempts of 20 digits", Map.of("attempts", fromN("9".repeat(20))), "queued"),
        arguments("half an attempt", Map.of("attempts", fromN("0.5")), "queued"),
        arguments("used attempts in words", Map.of("attemptsUsed", fromS("many")), "queued"),
        arguments("a shard of no number of ours", Map.of("shard", fromN("1e30")), "queued"),
        arguments("dispatches in words", Map.of("dispatches", fromS("many")), "queued"),
        arguments("no status", without("status"), "queued"),
        arguments("a status of no name", Map.of("status", fromS("scheduled")), "queued"),
        arguments("a status that is a number", Map.of("status", fromN("1")), "queued"),
        arguments(
            "logged before it was accepted",
            Map.of("status", fromS("done"), "doneAt", fromS("2020-01-01T00:00:00Z")),
            "logged"),
        arguments(
            "logged at no time",
            Map.of("status", fromS("done"), "doneAt", fromS("today")),
            "logged"),
        arguments(
            "a doneAt without a status",
            Map.of("status", ABSENT, "doneAt", fromS("2026-01-15T09:32:01Z")),
            "queued"),
        arguments("a failure that is a list", Map.of("failure", fromL(List.of())), "queued"),
        arguments("an unknown attribute", Map.of("unknown", fromS("red")), "queued"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oddNotifications")
  void anOddNotificationIsListedAndReadAndItsMessageIsDone(
      String what, Map<String, AttributeValue> odd, String status) throws Exception {
    String id = putNotification(odd);
    String good = putNotification(Map.of());
    for (String path : List.of("/notifications", "/notifications/" + id, "/data")) {
      assertThat(send("GET", path, "").statusCode()).as(path).isEqualTo(200);
    }
    assertThat(ids("/notifications?limit=1", "notifications"))
        .containsExactlyInAnyOrderElementsOf(
            odd.containsKey("shard") ? List.of(good) : List.of(id, good));
    assertThat(ids("/notifications?limit=1&status=queued", "notifications"))
        .containsExactlyInAnyOrderElementsOf(
            status.equals("queued") ? List.of(id, good) : List.of(good));
    assertThat(status(id)).isEqualTo(status);

    String before = send("GET", "/notifications/" + id, "").body();
    assertThat(json(before).required("attempts").asInt()).isNotNegative();
    assertThat(backend.consume(List.of(Backend.message(id)))).isEmpty();
    assertThat(status(id)).isEqualTo("logged");
    if (status.equals("logged")) {
      assertThat(send("GET", "/notifications/" + id, "").body()).isEqualTo(before);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oddNotifications")
  void anOddNotificationThatWaitsIsMarkedFailed(
      String what, Map<String, AttributeValue> odd, String status) throws Exception {
    String id = putNotification(odd);
    boolean queued = status.equals("queued");
    try (Clients clients = clients()) {
      assertThat(
              store(clients)
                  .fail(
                      UUID.fromString(id),
                      "delivery",
                      "no reason",
                      TIME,
                      Deadline.after(Duration.ofSeconds(10)))
                  .join())
          .isEqualTo(queued);
    }
    if (queued) {
      assertThat(status(id)).isEqualTo("failed");
      assertThat(backend.consume(List.of(Backend.message(id)))).isEmpty();
      assertThat(status(id)).isEqualTo("logged");
    }
  }

  static Stream<Arguments> oddNumbers() {
    return Stream.of(
        arguments(fromN("0.5"), 1),
        arguments(fromN("-7"), 0),
        arguments(fromN("9".repeat(20)), Integer.MAX_VALUE),
        arguments(fromN("1" + "0".repeat(30)), Integer.MAX_VALUE));
  }

  @ParameterizedTest
  @MethodSource("oddNumbers")
  void anOddNumberOfUsedAttemptsIsCountedOn(AttributeValue odd, int used) throws Exception {
    UUID id = UUID.fromString(putNotification(Map.of("attemptsUsed", odd)));
    try (Clients clients = clients()) {
      Deadline deadline = Deadline.after(Duration.ofSeconds(10));
      assertThat(store(clients).recordFailure(id, "one", false, "away", deadline).join())
          .hasValue(used);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Needs(Capability.TYPED_ADDITIONS)
  void usedAttemptsThatAreNoNumberAreCountedAnew(boolean started) throws Exception {
    UUID id = UUID.fromString(putNotification(Map.of("attemptsUsed", fromS("many"))));
    try (Clients clients = clients()) {
      Deadline deadline = Deadline.after(Duration.ofSeconds(10));
      assertThat(store(clients).recordFailure(id, "one", started, "away", deadline).join())
          .hasValue(started ? 0 : 1);
    }
  }

  private OutboxStore store(Clients clients) {
    return new DynamoOutbox(
        new DynamoDb(
            clients.dynamoDb(),
            new Shards(Optional.empty(), Optional.of(new Shards.Write(1))),
            new Contention(),
            new Retries(Random::new, Pause.REAL),
            Clock.systemUTC()),
        run.tableName("Notifications"),
        Optional.empty());
  }

  private Clients clients() {
    return new Clients(
        new Clients.Config(
            "us-east-1",
            Optional.of(new Clients.Credentials("local", "local", Optional.empty())),
            Optional.of(run.dynamoDbEndpoint()),
            Optional.empty(),
            1),
        new Contention());
  }

  @Test
  @Needs(Capability.TYPED_ADDITIONS)
  void attemptsThatAreNoNumberAreCountedAnew() throws Exception {
    String id = putNotification(Map.of("attempts", fromS("many")));
    assertThat(backend.consume(List.of(Backend.message(id)))).isEmpty();
    assertThat(backend.row(id)).containsEntry("attempts", fromN("1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.5", "-1", "-2147483648", "99999999999", "1e30"})
  void aRowOfOddDispatchesIsDispatchedOnceAndDelaysNoOther(String dispatches) throws Exception {
    putNotification(Map.of("dispatches", fromN(dispatches)));
    putNotification(Map.of("dispatches", fromN(dispatches), "status", ABSENT));
    putNotification(Map.of());
    assertThat(relay()).contains("\"due\":3,\"sent\":3,\"notSent\":0,\"gaveUp\":0");
    assertThat(relay()).contains("\"due\":0");
  }

  @Test
  void aRowOfNoKnownStatusIsGivenUpAsAnyOther() throws Exception {
    String id = putNotification(Map.of("dispatches", fromN("12"), "status", fromS("scheduled")));
    assertThat(relay()).contains("\"due\":1,\"sent\":0,\"notSent\":0,\"gaveUp\":1");
    assertThat(status(id)).isEqualTo("failed");
    assertThat(relay()).contains("\"due\":0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"done", "failed"})
  void aRowThatIsNotQueuedIsNotDispatched(String status) throws Exception {
    putNotification(Map.of("status", fromS(status), "dispatches", fromN("12")));
    putNotification(Map.of("status", fromS(status)));
    putNotification(Map.of());
    assertThat(relay()).contains("\"due\":1,\"sent\":1,\"notSent\":0,\"gaveUp\":0");
    assertThat(lines)
        .filteredOn(line -> line.path("message").asString("").equals("tick"))
        .singleElement()
        .satisfies(line -> assertThat(line.path("skippedRows").asInt(0)).isEqualTo(2));
  }

  private String relay() throws IOException {
    return new String(run.invoke(RELAY, tick()), StandardCharsets.UTF_8);
  }

  @Test
  void aRowThatTheRelayCannotReadBlocksNoOther() throws Exception {
    String good = putNotification(Map.of());
    for (String place : List.of("#", "garbage", "0000", "2026-01-15#x", PLACE + good)) {
      putNotification(Map.of("nextDispatchAt", fromS(place)));
    }
    putNotification(Map.of("id", fromS("not-a-uuid")));
    String other = putNotification(Map.of("status", ABSENT, "message", ABSENT));

    assertThat(relay()).contains("\"sent\":2,\"notSent\":0");
    List<Message> messages = backend.take(QUEUE, 2);
    assertThat(messages.stream().map(Message::body).collect(Collectors.joining()))
        .contains(good)
        .contains(other);
    assertThat(lines)
        .filteredOn(line -> line.path("message").asString("").equals("tick"))
        .singleElement()
        .satisfies(line -> {
          // "garbage" sorts after every time, so its entry is never due.
          assertThat(line.path("skippedRows").asInt(0)).isEqualTo(5);
          assertThat(line.path("level").asString("")).isEqualTo("WARN");
        });
    // The list of all notifications has every row except the row with an invalid id.
    assertThat(ids("/notifications?limit=3", "notifications")).hasSize(7);
    assertThat(ids("/notifications?limit=1&status=queued", "notifications"))
        .containsExactlyInAnyOrder(good, other);
  }

  private String put(Map<String, AttributeValue> odd) {
    String id = UuidV7.at(TIME).toString();
    Map<String, AttributeValue> row = new HashMap<>();
    row.put("id", fromS(id));
    row.put("shard", fromN("0"));
    row.put("name", fromS("lamp"));
    row.put("price", fromN("1.5"));
    row.put("tags", fromL(List.of(fromS("home"))));
    row.put("createdAt", fromS("2026-01-15T09:32:00.123Z"));
    row.put("updatedAt", fromS("2026-01-15T09:32:00.123Z"));
    row.put("version", fromN("1"));
    return put("Items", row, odd);
  }

  private String putNotification(Map<String, AttributeValue> odd) {
    String id = UuidV7.at(TIME).toString();
    Map<String, AttributeValue> row = new HashMap<>();
    row.put("id", fromS(id));
    row.put("shard", fromN("0"));
    row.put("outbox", fromS("queued#0"));
    row.put("nextDispatchAt", fromS(PLACE + id));
    row.put("dispatches", fromN("0"));
    row.put("message", fromS("hello"));
    row.put("status", fromS("queued"));
    row.put("attempts", fromN("0"));
    return put("Notifications", row, odd);
  }

  private String put(
      String table, Map<String, AttributeValue> row, Map<String, AttributeValue> odd) {
    row.putAll(odd);
    row.values().removeIf(value -> value.equals(ABSENT));
    backend.put(table, List.of(row));
    return Backend.text(row, "id");
  }

  private String status(String id) throws IOException, InterruptedException {
    return json(send("GET", "/notifications/" + id, "").body()).required("status").asString();
  }

  /** Returns the ids of a list, page by page. */
  private List<String> ids(String first, String list) throws IOException, InterruptedException {
    List<String> ids = new ArrayList<>();
    String path = first;
    while (!path.isEmpty()) {
      HttpResponse<String> answer = send("GET", path, "");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      JsonNode page = json(answer.body());
      page.required(list).forEach(row -> ids.add(row.required("id").asString()));
      path =
          page.has("nextCursor") ? first + "&cursor=" + page.required("nextCursor").asString() : "";
    }
    return ids;
  }

  private static JsonNode json(String body) {
    return Api.JSON.readTree(body);
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(run.uri() + path))
            .timeout(Duration.ofSeconds(40))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static byte[] tick() throws IOException {
    return Files.readAllBytes(Path.of(System.getProperty("events"), "relay-outbox.json"));
  }
}
