package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.json.Json;
import dev.asyncitems.lambda.TestEvent;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.paging.Position;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class InputTest {
  private static final Listing LIST = new Listing("/items", "items", "");
  private static final String JSON = MediaType.JSON;
  private static final Json MALFORMED = new Json.Null();

  @Test
  void withoutParametersAPageIsTheFirst20() {
    Input input = query("");
    assertThat(input.page(LIST)).isEqualTo(PageRequest.first(20));
    input.check();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 7", "100, 100", "007, 7", "%31%30, 10"})
  void aLimitIsAWholeNumberFrom1To100(String sent, int limit) {
    Input input = query("limit=" + sent);
    assertThat(input.page(LIST).limit()).isEqualTo(limit);
    input.check();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "101",
        "x",
        "1e3",
        "1e1",
        "+5",
        "%2B5",
        "5+",
        "%205",
        "5%00",
        "٣",
        "%D9%A3",
        "5.0",
        "0x5",
        "00000000005",
        "99999999999999999999",
        "5,6",
        "1_0",
        "%zz",
        "%FF"
      })
  void noOtherLimitIsTaken(String sent) {
    Input input = query("limit=" + sent);
    input.page(LIST);
    assertThat(malformed(input::check))
        .containsExactly(Violation.parameter("limit", "must be a whole number from 1 to 100"));
  }

  @Test
  void aCursorIsReadAndAForeignOneIsNot() {
    Position position = Position.of(new UUID(1, 2));
    String cursor = Cursor.write(LIST.name(), position);
    assertThat(query("cursor=" + cursor + "&limit=7").page(LIST))
        .isEqualTo(new PageRequest(7, Optional.of(position)));
    Input foreign = query("cursor=" + cursor);
    foreign.page(new Listing("/notifications", "notifications", ""));
    assertThat(malformed(foreign::check))
        .containsExactly(
            Violation.parameter(
                "cursor", "must be the nextCursor of a page of this list with the same filter"));
  }

  @Test
  void theCursorOfAReplyLeadsToTheNextPage() throws Json.Malformed {
    for (Listing list :
        List.of(LIST, new Listing("/notifications", "notifications", "status=queued"))) {
      Position position = Position.of(new UUID(1, 2));
      PageRequest wanted = PageRequest.first(3);
      Page<String> page = new Page<>(List.of("a", "b"), Optional.of(position));
      Reply reply = list.reply(request("/v1"), page, wanted, (json, row) -> json.writeString(row));
      String cursor = Cursor.write(list.name(), position);
      assertThat(reply.body().orElseThrow())
          .isEqualTo("{\"" + list.member() + "\":[\"a\",\"b\"],\"nextCursor\":\"" + cursor + "\"}");
      String query = list.filter().isEmpty() ? "" : list.filter() + "&";
      String link = "/v1" + list.path() + "?" + query + "limit=3&cursor=" + cursor;
      assertThat(reply.headers()).containsEntry("Link", "<" + link + ">; rel=\"next\"");
      Input next = query(link.substring(link.indexOf('?') + 1));
      assertThat(next.page(list)).isEqualTo(new PageRequest(3, Optional.of(position)));
      next.check();
    }
  }

  private static Request request(String basePath) {
    return TestEvent.of("GET", "/items").basePath(basePath).request();
  }

  @Test
  void theLastPageHasNoCursorAndNoLink() {
    Reply reply =
        LIST.reply(
            request(""),
            new Page<>(List.of("a"), Optional.empty()),
            PageRequest.first(3),
            (json, row) -> json.writeString(row));
    assertThat(reply.body()).contains("{\"items\":[\"a\"]}");
    assertThat(reply.headers()).doesNotContainKey("Link");
  }

  @Test
  void aParameterThatIsEmptyRepeatedOrBrokenIsMalformed() {
    Input input = query("a=&b=1&b=1&c&d=%zz&e=fine&unknown=%zz&unknown=");
    for (String name : List.of("a", "b", "c", "d")) {
      assertThat(input.parameter(name)).isEmpty();
    }
    assertThat(input.parameter("e")).contains("fine");
    assertThat(input.parameter("f")).isEmpty();
    assertThat(malformed(input::check))
        .containsExactly(
            Violation.parameter("a", "must not be empty"),
            Violation.parameter("b", "must not be repeated"),
            Violation.parameter("c", "must not be empty"),
            Violation.parameter("d", "must be percent-encoded UTF-8"));
  }

  @Test
  void aRequiredParameterMustBeThere() {
    Input input = query("other=1");
    assertThat(input.requiredParameter("message")).isEmpty();
    assertThat(malformed(input::check))
        .containsExactly(Violation.parameter("message", "is required"));
    input = query("message=a+b");
    assertThat(input.requiredParameter("message")).isEqualTo("a b");
    input.check();
  }

  @Test
  void everyFaultIsNamedAtOnce() {
    Input input =
        TestEvent.of("PUT", "/items/1")
            .query("limit=0&cursor=x")
            .header("if-match", "1")
            .header("if-none-match", "\"1")
            .header("idempotency-key", "")
            .body("{")
            .input();
    input.page(LIST);
    assertThat(input.json(JSON)).isEqualTo(MALFORMED);
    assertThat(input.preconditions().ifMatch()).isEmpty();
    assertThat(input.idempotencyKey()).isEmpty();
    assertThat(malformed(input::check))
        .extracting(Violation::place, Violation::name)
        .containsExactly(
            tuple("parameter", "limit"),
            tuple("parameter", "cursor"),
            tuple("pointer", ""),
            tuple("header", "If-Match"),
            tuple("header", "If-None-Match"),
            tuple("header", "Idempotency-Key"));
  }

  @Test
  void namesOfHeadersAreReadInAnyCase() {
    for (String name : List.of("if-match", "If-Match", "IF-MATCH")) {
      Input input = TestEvent.of("PUT", "/items/1").header(name, "\"3\"").input();
      assertThat(input.preconditions().ifMatch().orElseThrow().strongVersions())
          .containsExactly(3L);
    }
  }

  @Test
  void gzipIsForClientsThatAskForIt() {
    TestEvent event = TestEvent.of("GET", "/docs");
    assertThat(event.input().acceptsGzip()).isFalse();
    assertThat(event.header("accept-encoding", "br").input().acceptsGzip()).isFalse();
    assertThat(event.header("accept-encoding", "br, gzip").input().acceptsGzip()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"k", "a b", "~!@#$%^&*()", "\"quoted\"", "a,b"})
  void anIdempotencyKeyIsPrintableAscii(String key) {
    Input input = post(key);
    assertThat(input.idempotencyKey().orElseThrow().key()).isEqualTo("anyone " + key);
    input.check();
  }

  @Test
  void anIdempotencyKeyHas255CharactersAtMost() {
    assertThat(post("k".repeat(255)).idempotencyKey()).isPresent();
    Input longer = post("k".repeat(256));
    assertThat(longer.idempotencyKey()).isEmpty();
    assertThat(malformed(longer::check)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", " a", "a ", "a\tb", "a\nb", "\u007F", "é", "\u0000", "😀"})
  void noOtherIdempotencyKeyIsTaken(String key) {
    Input input = post(key);
    assertThat(input.idempotencyKey()).isEmpty();
    assertThat(malformed(input::check))
        .containsExactly(
            Violation.header("Idempotency-Key", "must be 1 to 255 printable ASCII characters"));
  }

  @Test
  void withoutTheHeaderThereIsNoKey() {
    Input input = TestEvent.of("POST", "/items").body("{}").input();
    assertThat(input.idempotencyKey()).isEmpty();
    input.check();
  }

  @Test
  void theSameKeyOfAnotherCallerIsAnotherKey() {
    String nobodys = post("k").idempotencyKey().orElseThrow().key();
    String ones = event("k").subject("one").input().idempotencyKey().orElseThrow().key();
    String others = event("k").subject("other").input().idempotencyKey().orElseThrow().key();
    String clients = event("k").clientId("client").input().idempotencyKey().orElseThrow().key();
    assertThat(List.of(nobodys, ones, others, clients)).doesNotHaveDuplicates();
    assertThat(event("k").subject("one").input().idempotencyKey().orElseThrow().key())
        .isEqualTo(ones);
    assertThat(
            post(ones.substring("anyone ".length()).strip()).idempotencyKey().orElseThrow().key())
        .as("imitates the key of another caller")
        .isNotEqualTo(ones);
    assertThat(event("one k").subject("").input().idempotencyKey().orElseThrow().key())
        .isNotEqualTo(ones);
  }

  @Test
  void theFingerprintIsOfTheMethodThePathWithoutSlashAndTheBody() {
    String fingerprint = fingerprint("POST", "/items", "{\"a\":1}");
    assertThat(fingerprint("POST", "/items/", "{\"a\":1}")).isEqualTo(fingerprint);
    assertThat(fingerprint("PUT", "/items", "{\"a\":1}")).isNotEqualTo(fingerprint);
    assertThat(fingerprint("POST", "/notifications", "{\"a\":1}")).isNotEqualTo(fingerprint);
    assertThat(fingerprint("POST", "/items", "{\"a\": 1}")).isNotEqualTo(fingerprint);
    Input encoded =
        TestEvent.of("POST", "/items")
            .header("idempotency-key", "k")
            .base64(base64("{\"a\":1}".getBytes(StandardCharsets.UTF_8)))
            .input();
    assertThat(encoded.json(JSON)).isNotEqualTo(MALFORMED);
    assertThat(encoded.idempotencyKey().map(IdempotencyKey::fingerprint)).contains(fingerprint);
  }

  @Test
  void theFingerprintIsOfTheBodyAlthoughNobodyReadsIt() {
    Input one = event("k").body("hello").input();
    Input other = event("k").body("bye").input();
    assertThat(one.idempotencyKey()).isNotEqualTo(other.idempotencyKey());
    one.json(JSON);
    assertThat(one.idempotencyKey()).isEqualTo(event("k").body("hello").input().idempotencyKey());
  }

  @Test
  void theFingerprintOfAGetIsOfItsQuery() {
    TestEvent get = TestEvent.of("GET", "/send-notification").header("idempotency-key", "k");
    Optional<IdempotencyKey> key = get.query("message=hello").input().idempotencyKey();
    assertThat(get.query("message=hello").input().idempotencyKey()).isEqualTo(key);
    assertThat(get.query("message=bye").input().idempotencyKey()).isNotEqualTo(key);
    assertThat(get.query("message=hello&other=1").input().idempotencyKey()).isNotEqualTo(key);

    key = get.query("message=a+b").input().idempotencyKey("message");
    assertThat(get.query("x=1&message=a%20b").input().idempotencyKey("message")).isEqualTo(key);
    assertThat(get.query("message=ab").input().idempotencyKey("message")).isNotEqualTo(key);
    assertThat(get.query("x=a+b").input().idempotencyKey("message", "x")).isNotEqualTo(key);
  }

  @Test
  void nothingIsDoneWithARequestThatIsMalformed() {
    AtomicBoolean deleted = new AtomicBoolean();
    Request request = TestEvent.of("DELETE", "/items/1").header("if-match", "1").request();
    assertThat(
            malformed(() ->
                request.read(input -> {
                  input.preconditions();
                  return () -> deleted.getAndSet(true);
                })))
        .extracting(Violation::name)
        .containsExactly("If-Match");
    assertThat(deleted).isFalse();
  }

  @Test
  void aBodyIsReadAsJsonPlainOrBase64() {
    Json value = new Json.Obj(Map.of("a", new Json.Str("é")));
    assertThat(body("{\"a\":\"é\"}").json(JSON)).isEqualTo(value);
    assertThat(
            TestEvent.of("POST", "/items")
                .base64(base64("{\"a\":\"é\"}".getBytes(StandardCharsets.UTF_8)))
                .input()
                .json(JSON))
        .isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | the body is empty",
        "' ' | the body is empty",
        "{ | the body is not valid JSON, near line 1, column 2",
        "{} {} | the body holds more than one JSON value"
      })
  void aBodyThatIsNoJsonIsMalformed(String text, String fault) {
    Input input = body(text);
    assertThat(input.json(JSON)).isEqualTo(MALFORMED);
    assertThat(malformed(input::check)).containsExactly(Violation.at("", fault));
  }

  @Test
  void noBodyIsEmpty() {
    Input input = TestEvent.of("POST", "/items").input();
    assertThat(input.json(JSON)).isEqualTo(MALFORMED);
    assertThat(malformed(input::check)).containsExactly(Violation.at("", "the body is empty"));
  }

  @Test
  void aBodyThatIsNotUtf8OrNotBase64IsMalformed() {
    Input notUtf8 =
        TestEvent.of("POST", "/items").base64(base64(new byte[] {'"', (byte) 0xFF, '"'})).input();
    assertThat(notUtf8.json(JSON)).isEqualTo(MALFORMED);
    assertThat(malformed(notUtf8::check))
        .containsExactly(Violation.at("", "the body is not UTF-8"));
    for (byte[] bytes :
        new byte[][] {
          {'"', (byte) 0xC0, (byte) 0x80, '"'}, {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'}
        }) {
      Input input = TestEvent.of("POST", "/items").base64(base64(bytes)).input();
      assertThat(input.json(JSON)).isEqualTo(MALFORMED);
    }
    Input notBase64 = TestEvent.of("POST", "/items").base64("e3!=").input();
    assertThat(notBase64.json(JSON)).isEqualTo(MALFORMED);
    assertThat(malformed(notBase64::check))
        .containsExactly(Violation.at("", "the body cannot be decoded from base64"));
  }

  @Test
  void aBodyHas256KibibytesAtMostOnceDecoded() {
    String most = "\"" + "é".repeat((256 * 1024 - 2) / 2) + "\"";
    assertThat(body(most).json(JSON)).isNotEqualTo(MALFORMED);
    assertThat(problem(() -> body(most + " ").json(JSON)).type())
        .isEqualTo(ProblemType.CONTENT_TOO_LARGE);
    byte[] bytes = most.getBytes(StandardCharsets.UTF_8);
    assertThat(TestEvent.of("POST", "/items").base64(base64(bytes)).input().json(JSON))
        .isNotEqualTo(MALFORMED);
    assertThat(
            problem(() ->
                    TestEvent.of("POST", "/items")
                        .base64(base64(new byte[bytes.length + 1]))
                        .input()
                        .json(JSON))
                .type())
        .isEqualTo(ProblemType.CONTENT_TOO_LARGE);
  }

  @Test
  void theSizeComesBeforeTheTypeAndTheTypeBeforeAllElse() {
    TestEvent event = TestEvent.of("POST", "/items").header("content-type", "text/plain");
    assertThat(problem(() -> event.body("x".repeat(256 * 1024 + 1)).input().json(JSON)).type())
        .isEqualTo(ProblemType.CONTENT_TOO_LARGE);
    assertThat(problem(() -> event.body("{").input().json(JSON)).type())
        .isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE);
    assertThat(problem(() -> event.base64("e3!=").input().json(JSON)).type())
        .isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE);
  }

  @Test
  void withoutAFaultTheCheckPasses() {
    assertThatCode(body("{}")::check).doesNotThrowAnyException();
  }

  private static String fingerprint(String method, String path, String body) {
    Input input = TestEvent.of(method, path).header("idempotency-key", "k").body(body).input();
    assertThat(input.json(JSON)).isNotEqualTo(MALFORMED);
    return input.idempotencyKey().orElseThrow().fingerprint();
  }

  private static Input query(String raw) {
    return TestEvent.of("GET", "/items").query(raw).input();
  }

  private static Input body(String text) {
    return TestEvent.of("POST", "/items").body(text).input();
  }

  private static TestEvent event(String key) {
    return TestEvent.of("POST", "/items").header("idempotency-key", key);
  }

  private static Input post(String key) {
    return event(key).input();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static List<Violation> malformed(ThrowingCallable call) {
    Problem problem = problem(call);
    assertThat(problem.type()).isEqualTo(ProblemType.MALFORMED_REQUEST);
    return problem.violations();
  }

  private static Problem problem(ThrowingCallable call) {
    return Optional.ofNullable(catchThrowableOfType(ProblemException.class, call))
        .orElseThrow(() -> new AssertionError("nothing was refused"))
        .problem();
  }
}
