package dev.asyncitems.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.http.Fields;
import dev.asyncitems.http.MediaType;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.json.Json;
import dev.asyncitems.json.JsonCodec;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.Consumer;
import dev.asyncitems.outbox.Redelivery;
import dev.asyncitems.outbox.Script;
import dev.asyncitems.value.TextRule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Colliding names from a client must not break the parser, neither for that client's request nor
 * for later ones.
 */
final class CollidingNamesTest {
  /** Enough names to make a table of the critical size throw. */
  private static final int COUNT = 600;

  /**
   * An event with every member that the code reads, and a place for more members in every object.
   */
  private static final String HTTP =
      """
      {"version":"2.0","routeKey":"PATCH /items/{id}","rawPath":"/items/1","@1":0,
       "rawQueryString":"limit=2","headers":{"content-type":"application/json","if-match":"\\"3\\"",
       "idempotency-key":"k","@2":0},"queryStringParameters":{"limit":"2","@3":0},
       "pathParameters":{"id":"1","@4":0},"stageVariables":{"@5":0},"requestContext":{"@6":0,
       "requestId":"r","http":{"method":"PATCH","@7":0},"authorizer":{"@8":0,"jwt":{"@9":0,
       "claims":{"sub":"me","@10":0}}}},"isBase64Encoded":false,
       "body":"{\\"name\\":\\"lamp\\",\\"@11\\":0,\\"deep\\":{\\"@12\\":0}}"}
      """;

  private static final String BATCH =
      """
      {"Records":[{"messageId":"a","receiptHandle":"h","@2":0,
       "body":"{\\"id\\":\\"019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173\\",\\"@1\\":0}",
       "attributes":{"ApproximateReceiveCount":"1","AWSTraceHeader":"t","@3":0},
       "messageAttributes":{"@4":0,"requestId":{"@5":0,"stringValue":"r"}}}],"@6":0}
      """;

  static Stream<String> names() {
    return Stream.of(
        // Members of an HTTP API's event.
        "routeKey",
        "rawPath",
        "rawQueryString",
        "headers",
        "pathParameters",
        "body",
        "isBase64Encoded",
        "requestContext",
        "requestId",
        "http",
        "method",
        "authorizer",
        "jwt",
        "claims",
        "sub",
        "client_id",
        // Headers and parameters.
        "content-type",
        "content-encoding",
        "if-match",
        "if-none-match",
        "idempotency-key",
        "accept-encoding",
        "x-amzn-trace-id",
        "origin",
        "access-control-request-method",
        "limit",
        "cursor",
        "status",
        "message",
        "file",
        "type",
        // Members of items and notifications.
        "id",
        "name",
        "description",
        "price",
        "tags",
        "createdAt",
        "updatedAt",
        "version",
        // Members of a batch.
        "Records",
        "messageId",
        "receiptHandle",
        "attributes",
        "messageAttributes",
        "ApproximateReceiveCount",
        "AWSTraceHeader",
        "stringValue");
  }

  private static final List<Map<String, List<String>>> KINDS =
      List.of(
          CollidingNames.inBytes(JsonCodec.LENIENT, names().toList(), COUNT),
          CollidingNames.inChars(JsonCodec.LENIENT, names().toList(), COUNT),
          CollidingNames.inChars(JsonCodec.STRICT, names().toList(), COUNT));

  private static List<List<String>> colliding(String name) {
    return KINDS.stream().map(kind -> Objects.requireNonNull(kind.get(name))).toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void aRequestWithThemIsAnsweredAndSoIsTheNext(String name) throws Json.Malformed {
    for (List<String> colliding : colliding(name)) {
      for (int place = 1; place <= 12; place++) {
        assertThat(status(with(HTTP, place, colliding))).as("place " + place).isIn(200, 422);
        assertThat(status(HTTP)).as("after place " + place).isEqualTo(200);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aMessageWithThemIsReadAndSoIsTheNext(String name) {
    for (List<String> colliding : colliding(name)) {
      for (int place = 1; place <= 6; place++) {
        assertThat(failures(with(BATCH, place, colliding))).as("place " + place).isEqualTo(NONE);
        assertThat(failures(BATCH)).as("after place " + place).isEqualTo(NONE);
      }
    }
  }

  /** Proves that the names of the tests above really collide. */
  @ParameterizedTest
  @ValueSource(strings = {"id", "message", "if-match", "stringValue", "rawQueryString"})
  void aTableOfNamesThrowsAndStaysDamaged(String name) {
    JsonFactory factory = new JsonFactory();
    String attack = attack(CollidingNames.inBytes(factory, List.of(name), COUNT));
    assertThatExceptionOfType(StreamConstraintsException.class)
        .isThrownBy(() -> read(factory, attack.getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining("DoS");
    assertThatExceptionOfType(StreamConstraintsException.class)
        .isThrownBy(() -> read(factory, ("{\"" + name + "\":0}").getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void soDoesATableOfNamesInCharacters() {
    JsonFactory factory = new JsonFactory();
    String attack = attack(CollidingNames.inChars(factory, List.of("message"), COUNT));
    assertThatExceptionOfType(StreamConstraintsException.class)
        .isThrownBy(() -> {
          try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), attack)) {
            readAll(parser);
          }
        })
        .withMessageContaining("DoS");
  }

  private static String attack(Map<String, List<String>> colliding) {
    return "{" + members(colliding.values().iterator().next(), "\"") + "}";
  }

  private static void read(JsonFactory factory, byte[] text) {
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
      readAll(parser);
    }
  }

  private static void readAll(JsonParser parser) {
    while (parser.nextToken() != null) {
      // The parser looks up a name while it reads it.
    }
  }

  private static String with(String event, int place, List<String> names) {
    String marker = "\"@" + place + "\":0";
    String escaped = marker.replace("\"", "\\\"");
    assertThat(event.contains(marker) || event.contains(escaped)).isTrue();
    return event.replace(marker, members(names, "\"")).replace(escaped, members(names, "\\\""));
  }

  private static String members(List<String> names, String quote) {
    return names.stream()
        .distinct()
        .map(name -> quote + name + quote + ":" + quote + "x" + quote)
        .collect(Collectors.joining(","));
  }

  private static int status(String event) throws Json.Malformed {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Printed printed = new Printed()) {
      new HttpShell(CollidingNamesTest::answer, new Log("Answer", Clock.systemUTC()))
          .handle(stream(event), out, TestContext.AMPLE);
      assertThat(printed.lines()).hasSize(1);
    }
    return Json.parse(out.toString(StandardCharsets.UTF_8))
                instanceof Json.Obj(Map<String, Json> members)
            && members.get("statusCode") instanceof Json.Num(String status)
        ? Integer.parseInt(status)
        : 0;
  }

  /** Reads every part of a request that some function reads. */
  private static CompletableFuture<Reply> answer(Request request) {
    return request.read(input -> {
      Json body = input.json(MediaType.JSON);
      assertThat(input.preconditions().ifMatch()).isPresent();
      assertThat(input.idempotencyKey()).isPresent();
      assertThat(input.parameter("limit")).contains("2");
      assertThat(request.pathParameter("id")).isEqualTo("1");
      assertThat(request.subject()).contains("me");
      return () -> answer(new Fields(body));
    });
  }

  private static CompletableFuture<Reply> answer(Fields fields) {
    assertThat(fields.text("name", new TextRule(1, 10, false))).contains("lamp");
    // Placeholders in the good event.
    fields.ignore(IntStream.rangeClosed(1, 12).mapToObj(i -> "@" + i).toArray(String[]::new));
    fields.ignore("deep");
    fields.check();
    return CompletableFuture.completedFuture(Reply.empty(200));
  }

  private static final String NONE = "{\"batchItemFailures\":[]}";

  private static String failures(String event) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Printed printed = new Printed()) {
      new QueueShell(
              "task",
              CONSUMER,
              new Deliveries() {
                @Override
                public CompletableFuture<?> delay(
                    SQSMessage message, Duration delay, Deadline deadline) {
                  return Script.done(message);
                }

                @Override
                public CompletableFuture<?> deadLetter(
                    SQSMessage message, String reason, Deadline deadline) {
                  assertThat(reason).isEqualTo("no row has the message's id");
                  assertRead(message);
                  return Script.done(message);
                }
              },
              new Log("Work", Clock.systemUTC()))
          .handle(stream(event), out, TestContext.AMPLE);
      assertThat(printed.text()).isNotEmpty();
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Looking for the row proves that the message's id was read. */
  private static final Consumer CONSUMER =
      new Consumer(
          (id, attempt, deadline) -> Script.done(Effect.UNKNOWN),
          new Script().store,
          new Redelivery(Duration.ofMinutes(3), 30, 8, Random::new),
          Clock.systemUTC());

  private static void assertRead(SQSMessage message) {
    assertThat(message.getMessageId()).isEqualTo("a");
    assertThat(message.getReceiptHandle()).isEqualTo("h");
    assertThat(message.getAttributes()).containsEntry("ApproximateReceiveCount", "1");
    assertThat(message.getMessageAttributes())
        .hasEntrySatisfying(
            "requestId", attribute -> assertThat(attribute.getStringValue()).isEqualTo("r"));
  }

  private static ByteArrayInputStream stream(String event) {
    return new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8));
  }
}
