package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.FaultProxy.Answered;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Engine;
import dev.asyncitems.system.FaultProxy.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A write takes effect, but its answer is lost, and the SDK sends it again. It must have one
 * effect, and the client must get the right answer.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class LostAnswersIT {
  private static final String WRITE = "TransactWriteItems";
  private static final String PUT = "PutItem";

  /** The longest time for which conflicts and throttling may delay a first write. */
  private static final Duration PATIENCE = Duration.ofMillis(4_700);

  /** The write takes effect, but its answer comes after the SDK has stopped waiting. */
  private static final Fault LATE =
      (call, engine) -> {
        engine.call();
        return Fault.HANG.apply(call, engine);
      };

  private static final String BODY = "{\"name\":\"Lamp\",\"price\":1}";

  private final FaultProxy dynamoDb;
  private final LocalRun run;
  private final Api api;

  LostAnswersIT() throws IOException {
    dynamoDb = FaultProxy.open();
    run =
        Lane.run()
            .withoutPollers()
            .environment(Map.of("AWS_ENDPOINT_URL_DYNAMODB", dynamoDb.uri().toString()))
            .start();
    dynamoDb.target(run.dynamoDbEndpoint());
    api = new Api(run.uri());
  }

  @AfterAll
  void close() {
    run.close();
    dynamoDb.close();
  }

  @BeforeEach
  void heal() {
    dynamoDb.heal();
  }

  @Test
  @Needs(Capability.TRANSACTION_TOKENS)
  void createsOneItem() throws Exception {
    int before = count("items");

    loseTheAnswer();
    Answer created = api.send("POST", "/items", BODY);

    assertThat(created.status()).isEqualTo(201);
    assertThat(created.header("Idempotent-Replayed")).isEmpty();
    assertThat(count("items")).isEqualTo(before + 1);
    assertThat(api.get(created.header("Location")).text()).isEqualTo(created.text());
    assertSentTwice();
  }

  @Test
  void createsOneItemUnderAnIdempotencyKey() throws Exception {
    int before = count("items");
    String key = UUID.randomUUID().toString();

    loseTheAnswer();
    Answer created = api.send("POST", "/items", BODY, "Idempotency-Key", key);
    Answer again = api.send("POST", "/items", BODY, "Idempotency-Key", key);

    assertThat(created.status()).isEqualTo(201);
    assertThat(again.text()).isEqualTo(created.text());
    assertThat(count("items")).isEqualTo(before + 1);
  }

  @Test
  void acceptsOneNotification() throws Exception {
    int before = count("notifications");

    lose(PUT, Fault.DROP_ANSWER);
    Answer accepted = accept();

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(count("notifications")).isEqualTo(before + 1);
    assertThat(api.get(accepted.header("Location")).text()).isEqualTo(accepted.text());
    assertSentTwice(PUT);
  }

  @Test
  void acceptsANotificationThatWasLoggedBeforeItsWriteWasRepeated() throws Exception {
    String logged = UUID.randomUUID().toString();
    lose(
        PUT,
        afterwards(row -> {
          row.set("status", text("done"));
          row.set("doneAt", text("2026-01-15T09:33:00.123Z"));
          row.putObject("attempts").put("N", "1");
          row.set("lastWrite", text(logged));
          row.remove(List.of("outbox", "nextDispatchAt"));
        }));

    Answer accepted = accept();

    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    assertThat(api.get(accepted.header("Location")).text("status")).isEqualTo("logged");
    assertSentTwice(PUT);
  }

  @Test
  void acceptsANotificationThatWasDeletedBeforeItsWriteWasRepeated() throws Exception {
    lose(
        PUT,
        (call, engine) -> {
          engine.call();
          String id = item(call).required("id").required("S").asString();
          assertThat(api.send("DELETE", "/notifications/" + id, "").status()).isEqualTo(204);
          return Optional.empty();
        });

    Answer accepted = accept();

    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    assertThat(api.get(accepted.header("Location")).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"message", "requestId"})
  void neitherOverwritesNorReportsAnotherRowUnderItsId(String attribute) throws Exception {
    int before = count("notifications");
    AtomicReference<String> id = new AtomicReference<>("");
    lose(
        PUT,
        (call, engine) -> {
          ObjectNode request = (ObjectNode) Api.JSON.readTree(call.body());
          ObjectNode row = (ObjectNode) request.required("Item");
          id.set(row.required("id").required("S").asString());
          row.set(attribute, text("another"));
          assertThat(engine.call(request.toString()).status()).isEqualTo(200);
          return Optional.of(engine.call());
        });

    Answer failed = accept();

    BadInputIT.assertProblem(failed, 500, "/problems/internal-error");
    assertThat(count("notifications")).isEqualTo(before + 1);
    assertThat(api.get("/notifications/" + id.get()).text("message"))
        .isEqualTo(attribute.equals("message") ? "another" : "hello");
  }

  /** A put of a new row is repeated while it meets what would cancel a transaction. */
  @ParameterizedTest
  @ValueSource(strings = {"TransactionConflictException", "ProvisionedThroughputExceededException"})
  void acceptsANotificationAfterConflictsAndThrottling(String error) throws Exception {
    Fault busy = busy(error);
    int before = count("notifications");

    dynamoDb.next(PUT, busy, busy);
    Answer accepted = accept();
    dynamoDb.always(PUT, busy);
    Answer rejected = accept();

    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    BadInputIT.assertProblem(rejected, 503, "/problems/unavailable");
    assertThat(count("notifications")).isEqualTo(before + 1);
  }

  /**
   * After a lost answer, only a repetition can tell whether the write took effect. So the store may
   * be busy longer than at a first write. The SDK does not repeat a call after a conflict.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void acceptsWhatWasWrittenThoughTheStoreIsBusyAfterwards(boolean late) throws Exception {
    Fault busy = busy("TransactionConflictException");
    Deadline end = Deadline.after(PATIENCE.plusMillis(500));
    int before = count("notifications");
    dynamoDb.always(PUT, (call, engine) -> (end.passed() ? Fault.PASS : busy).apply(call, engine));
    lose(PUT, late ? LATE : Fault.DROP_ANSWER);

    Answer accepted = accept();

    assertThat(end.passed()).isTrue();
    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    assertThat(count("notifications")).isEqualTo(before + 1);
    assertThat(api.get(accepted.header("Location")).text()).isEqualTo(accepted.text());
  }

  private static Fault busy(String error) {
    return Fault.answer(400, "{\"__type\":\"com.amazonaws.dynamodb.v20120810#" + error + "\"}");
  }

  private Answer accept() throws Exception {
    return api.send("POST", "/notifications", "{\"message\":\"hello\"}");
  }

  /** Returns a fault that loses the answer after somebody else has changed the row. */
  private static Fault afterwards(Consumer<ObjectNode> change) {
    return (call, engine) -> {
      assertThat(engine.call().status()).isEqualTo(200);
      ObjectNode request = (ObjectNode) Api.JSON.readTree(call.body());
      request.remove("ConditionExpression");
      change.accept((ObjectNode) request.required("Item"));
      assertThat(engine.call(request.toString()).status()).isEqualTo(200);
      return Optional.empty();
    };
  }

  private static JsonNode item(Call put) {
    return Api.JSON.readTree(put.body()).required("Item");
  }

  private static ObjectNode text(String value) {
    return Api.JSON.createObjectNode().put("S", value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"1\"", "*"})
  @Needs(Capability.TRANSACTION_TOKENS)
  void replacesAnItemOnce(String ifMatch) throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");

    loseTheAnswer();
    Answer replaced = write("PUT", path, "{\"name\":\"Torch\",\"price\":2}", ifMatch);

    assertThat(replaced.status()).as(replaced.toString()).isEqualTo(200);
    assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
    assertThat(api.get(path).text()).isEqualTo(replaced.text());
    assertSentTwice();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"1\""})
  @Needs(Capability.TRANSACTION_TOKENS)
  void patchesAnItemOnce(String ifMatch) throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");

    loseTheAnswer();
    Answer patched = write("PATCH", path, "{\"price\":2}", ifMatch);

    assertThat(patched.status()).as(patched.toString()).isEqualTo(200);
    assertThat(patched.header("ETag")).isEqualTo("\"2\"");
    assertThat(api.get(path).text()).isEqualTo(patched.text());
    assertSentTwice();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"1\""})
  @Needs(Capability.TRANSACTION_TOKENS)
  void deletesAnItemOnce(String ifMatch) throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");

    loseTheAnswer();
    Answer deleted = write("DELETE", path, "", ifMatch);

    assertThat(deleted.status()).as(deleted.toString()).isEqualTo(204);
    assertThat(api.get(path).status()).isEqualTo(404);
    assertSentTwice();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void deletesANotificationOnce(boolean late) throws Exception {
    String path = api.send("POST", "/notifications", "{\"message\":\"hello\"}").header("Location");
    lose(PUT, late ? LATE : Fault.DROP_ANSWER);

    Answer deleted = api.send("DELETE", path, "");

    assertThat(deleted.status()).as(deleted.toString()).isEqualTo(204);
    assertThat(api.get(path).status()).isEqualTo(404);
    assertThat(dynamoDb.calls()).extracting(Call::action).startsWith(PUT, PUT);
  }

  @Test
  @Needs(Capability.TRANSACTION_TOKENS)
  void doesNotUndoWhatAnotherWroteBetweenTheTwo() throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");

    dynamoDb.next(
        WRITE,
        (call, engine) -> {
          engine.call();
          // Another client writes between the effect and the SDK's repetition.
          Answer other = api.send("PATCH", path, "{\"name\":\"other\"}");
          assertThat(other.header("ETag")).isEqualTo("\"3\"");
          return Fault.REFUSE.apply(call, engine);
        });
    Answer replaced = api.send("PUT", path, "{\"name\":\"Torch\",\"price\":2}");

    assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
    Answer now = api.get(path);
    assertThat(now.header("ETag")).isEqualTo("\"3\"");
    assertThat(now.text("name")).isEqualTo("other");
    assertThat(now.json().required("price").asInt()).isEqualTo(2);
  }

  /** The answer comes after the SDK has stopped waiting. */
  @Test
  void acceptsWhatWasWrittenThoughTheAnswerIsLate() throws Exception {
    int before = count("notifications");

    lose(PUT, LATE);
    Answer sent = api.get("/send-notification?message=hello");
    assertSentTwice(PUT);
    lose(PUT, LATE);
    Answer accepted = accept();
    assertSentTwice(PUT);

    assertThat(sent.status()).as(sent.toString()).isEqualTo(200);
    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    assertThat(count("notifications")).isEqualTo(before + 2);
  }

  @Test
  void readsAgainAfterAConflict() throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");
    dynamoDb.calls().clear();
    dynamoDb.next(WRITE, Fault.CONFLICT);

    Answer replaced = api.send("PUT", path, "{\"name\":\"Torch\",\"price\":2}");

    assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
    assertThat(dynamoDb.calls())
        .extracting(FaultProxy.Call::action)
        .containsExactly("GetItem", WRITE, "GetItem", WRITE);
    assertThat(tokens()).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Needs(Capability.TRANSACTION_TOKENS)
  void recognisesItsEffectThoughAConflictComesBetween(boolean late) throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");
    lose(WRITE, late ? LATE : Fault.DROP_ANSWER);
    dynamoDb.next(WRITE, Fault.CONFLICT);

    Answer replaced = api.send("PUT", path, "{\"name\":\"Torch\",\"price\":2}");

    assertThat(replaced.status()).as(replaced.toString()).isEqualTo(200);
    assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
    assertThat(api.get(path).header("ETag")).isEqualTo("\"2\"");
    assertThat(tokens()).hasSizeGreaterThanOrEqualTo(3);
    assertSentTwice();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE"})
  @Needs(Capability.TRANSACTION_TOKENS)
  void takesAnotherTokenWhereOneIsInUse(String method) throws Exception {
    for (int used : List.of(1, 3)) {
      String path = api.send("POST", "/items", BODY).header("Location");
      dynamoDb.calls().clear();
      for (int i = 0; i < used; i++) {
        dynamoDb.next(WRITE, this::afterItsTokenWasUsed);
      }

      Answer answer = writeTo(path, method);

      assertThat(answer.status()).as(answer.toString()).isIn(200, 201, 204);
      assertThat(tokens()).hasSize(used + 1).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT"})
  @Needs(Capability.TRANSACTION_TOKENS)
  void givesUpWhereEachTokenIsInUse(String method) throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");
    int before = count("items");
    dynamoDb.calls().clear();
    dynamoDb.always(WRITE, this::afterItsTokenWasUsed);

    Answer rejected = writeTo(path, method);

    BadInputIT.assertProblem(rejected, 503, "/problems/unavailable");
    assertThat(tokens()).hasSize(4).doesNotHaveDuplicates();
    dynamoDb.heal();
    assertThat(count("items")).isEqualTo(before);
    assertThat(api.get(path).header("ETag")).isEqualTo("\"1\"");
  }

  /** Passes a call on after another transaction with its token. */
  private Optional<Answered> afterItsTokenWasUsed(Call call, Engine engine) throws Exception {
    String other =
        """
        {"ClientRequestToken": "%s", "TransactItems": [
          {"Put": {"TableName": "%s", "Item": {"key": {"S": "other"}}}}]}
        """
            .formatted(token(call), run.tableName("Idempotency"));
    assertThat(engine.call(other).status()).isEqualTo(200);
    Answered answer = engine.call();
    assertThat(answer.body()).contains("IdempotentParameterMismatchException");
    return Optional.of(answer);
  }

  private Answer writeTo(String item, String method) throws Exception {
    return switch (method) {
      case "POST" -> api.send(method, "/items", BODY);
      case "PUT" -> api.send(method, item, BODY);
      default -> api.send(method, item, "");
    };
  }

  @Test
  void tellsAClientToRetryWhileTheStoreIsAway() throws Exception {
    dynamoDb.always("TransactWriteItems", Fault.UNAVAILABLE);

    Answer rejected = api.send("POST", "/items", BODY);

    BadInputIT.assertProblem(rejected, 503, "/problems/unavailable");
    assertThat(rejected.header("Retry-After")).matches("[1-9][0-9]*");
  }

  private List<String> tokens() {
    return dynamoDb.calls().stream()
        .filter(call -> call.action().equals(WRITE))
        .map(LostAnswersIT::token)
        .toList();
  }

  private static String token(Call call) {
    return Api.JSON.readTree(call.body()).required("ClientRequestToken").asString();
  }

  private void loseTheAnswer() {
    lose(WRITE, Fault.DROP_ANSWER);
  }

  private void lose(String action, Fault fault) {
    dynamoDb.next(action, fault);
    dynamoDb.calls().clear();
  }

  private void assertSentTwice() {
    assertSentTwice(WRITE);
  }

  private void assertSentTwice(String action) {
    assertThat(dynamoDb.calls())
        .filteredOn(call -> call.action().equals(action))
        .as("the write and its equal repetition")
        // The SDK sends it more often while the engine reports that the first is in progress.
        .hasSizeGreaterThanOrEqualTo(2)
        .extracting(FaultProxy.Call::body)
        .containsOnly(
            dynamoDb.calls().stream()
                .filter(call -> call.action().equals(action))
                .findFirst()
                .orElseThrow()
                .body());
  }

  private int count(String list) throws Exception {
    return api.get("/" + list + "?limit=100").json().required(list).size();
  }

  private Answer write(String method, String path, String body, String ifMatch) throws Exception {
    return ifMatch.isEmpty()
        ? api.send(method, path, body)
        : api.send(method, path, body, "If-Match", ifMatch);
  }
}
