package dev.asyncitems.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.MessageAttribute;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.UnreadableEvent;
import dev.asyncitems.json.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EventCodecTest {
  private static final Path EVENTS = Path.of(System.getProperty("events"));

  static Stream<Path> httpEvents() throws IOException {
    try (Stream<Path> files = Files.list(EVENTS)) {
      return files
          .filter(file -> parse(file).containsKey("requestContext"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("httpEvents")
  void readsEverySampleOfAnHttpEvent(Path file) throws IOException {
    Map<String, Json> given = parse(file);
    Map<String, Json> context = members(given.get("requestContext"));
    Map<String, Json> http = members(context.get("http"));

    APIGatewayV2HTTPEvent event = EventCodec.readHttpEvent(Files.newInputStream(file));

    assertThat(event.getRouteKey()).isEqualTo(text(given.get("routeKey")));
    assertThat(event.getRawPath()).isEqualTo(text(given.get("rawPath")));
    assertThat(event.getRawQueryString()).isEqualTo(text(given.get("rawQueryString")));
    assertThat(event.getHeaders()).isEqualTo(texts(given.get("headers")));
    assertThat(event.getIsBase64Encoded())
        .isEqualTo(new Json.Bool(true).equals(given.get("isBase64Encoded")));
    if (given.containsKey("body")) {
      assertThat(event.getBody()).isEqualTo(text(given.get("body")));
    } else {
      assertThat(event.getBody()).isNull();
    }
    if (given.containsKey("pathParameters")) {
      assertThat(event.getPathParameters()).isEqualTo(texts(given.get("pathParameters")));
    }
    var read = event.getRequestContext();
    assertThat(read.getRequestId()).isEqualTo(text(context.get("requestId")));
    assertThat(read.getHttp().getMethod()).isEqualTo(text(http.get("method")));
  }

  @Test
  void readsTheSampleOfABatch() throws IOException {
    Path file = EVENTS.resolve("log-notifications.json");
    List<Json> given = elements(parse(file).get("Records"));
    List<SQSMessage> messages = EventCodec.readSqsEvent(Files.newInputStream(file)).getRecords();
    assertThat(messages).hasSameSizeAs(given).isNotEmpty();
    for (int i = 0; i < given.size(); i++) {
      Map<String, Json> record = members(given.get(i));
      SQSMessage message = messages.get(i);
      assertThat(message.getMessageId()).isEqualTo(text(record.get("messageId")));
      assertThat(message.getReceiptHandle()).isEqualTo(text(record.get("receiptHandle")));
      assertThat(message.getBody()).isEqualTo(text(record.get("body")));
      assertThat(message.getAttributes()).isEqualTo(texts(record.get("attributes")));
    }
  }

  @Test
  void readsTheStageAndItsVariables() {
    APIGatewayV2HTTPEvent event =
        http(
            """
            {"routeKey":"$default","stageVariables":{"basePath":"/v1"},
             "requestContext":{"stage":"prod","http":{"method":"GET"}}}
            """);
    assertThat(event.getStageVariables()).containsExactly(Map.entry("basePath", "/v1"));
    assertThat(event.getRequestContext().getStage()).isEqualTo("prod");
  }

  @Test
  void attributesOfMessagesAreReadWithTheirTypes() {
    var message =
        EventCodec.readSqsEvent(
                stream(
                    """
                    {"Records":[{"messageAttributes":{
                     "text":{"stringValue":"a","binaryValue":null,"stringListValues":[],
                      "binaryListValues":[],"dataType":"String"},
                     "number":{"stringValue":"1.50","dataType":"Number.price"},
                     "bytes":{"dataType":"Binary.png","binaryValue":"AP+A"}}}]}
                    """))
            .getRecords()
            .getFirst();
    var attributes = message.getMessageAttributes();
    assertThat(attributes).containsOnlyKeys("text", "number", "bytes");
    MessageAttribute none = new MessageAttribute();
    MessageAttribute text = attributes.getOrDefault("text", none);
    MessageAttribute number = attributes.getOrDefault("number", none);
    MessageAttribute bytes = attributes.getOrDefault("bytes", none);
    assertThat(text.getDataType()).isEqualTo("String");
    assertThat(text.getStringValue()).isEqualTo("a");
    assertThat(text.getBinaryValue()).isNull();
    assertThat(number.getDataType()).isEqualTo("Number.price");
    assertThat(number.getStringValue()).isEqualTo("1.50");
    assertThat(bytes.getDataType()).isEqualTo("Binary.png");
    assertThat(bytes.getStringValue()).isNull();
    assertThat(bytes.getBinaryValue().array()).containsExactly(0, -1, -128);
  }

  @Test
  void unknownMembersAreSkippedWhateverTheyHold() {
    APIGatewayV2HTTPEvent event =
        http(
            """
            {"new":{"routeKey":"x","deep":[{"a":[1,null,{}]}]},"routeKey":"GET /items","more":[[]],
             "requestContext":{"authentication":{"clientCert":{"a":1}},"http":{"x":[{}],
             "method":"GET"},"authorizer":{"iam":{"userId":"u"},"lambda":{"a":{}}}},"last":null}
            """);
    assertThat(event.getRouteKey()).isEqualTo("GET /items");
    assertThat(event.getRequestContext().getHttp().getMethod()).isEqualTo("GET");
    assertThat(event.getRequestContext().getAuthorizer()).isNull();
  }

  @Test
  void membersThatAreNullAreAbsent() {
    APIGatewayV2HTTPEvent event =
        http(
            """
            {"routeKey":null,"rawPath":null,"headers":{"a":null,"b":"1"},"pathParameters":null,
             "body":null,"cookies":["a=1",null],"isBase64Encoded":null,"requestContext":null}
            """);
    assertThat(event.getRouteKey()).isNull();
    assertThat(event.getBody()).isNull();
    assertThat(event.getIsBase64Encoded()).isFalse();
    assertThat(event.getHeaders()).containsExactly(Map.entry("b", "1"));
    assertThat(event.getPathParameters()).isEmpty();
    assertThat(event.getRequestContext().getHttp().getMethod()).isNull();
  }

  @Test
  void membersOfAnotherTypeDoNotThrowWhatFollowsOutOfStep() {
    APIGatewayV2HTTPEvent event =
        http(
            "{\"routeKey\":{\"a\":[1]},\"headers\":[{}],\"cookies\":{\"a\":1},\"rawPath\":\"/p\"}");
    assertThat(event.getRouteKey()).isNull();
    assertThat(event.getRawPath()).isEqualTo("/p");
  }

  @Test
  void aTokensClaimsAreRead() {
    APIGatewayV2HTTPEvent event =
        http(
            """
            {"requestContext":{"authorizer":{"jwt":{"claims":{"sub":"me","exp":1768470120},
             "scopes":["read","write"]}}}}
            """);
    var jwt = event.getRequestContext().getAuthorizer().getJwt();
    assertThat(jwt.getClaims()).containsEntry("sub", "me").containsEntry("exp", "1768470120");
  }

  @Test
  void aBatchMayHaveNoRecords() {
    assertThat(EventCodec.readSqsEvent(stream("{\"Records\":[]}")).getRecords()).isEmpty();
    assertThat(EventCodec.readSqsEvent(stream("{}")).getRecords()).isEmpty();
    assertThat(EventCodec.readSqsEvent(stream("{\"Records\":null,\"x\":[{}]}")).getRecords())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "null", "", "\"{}\""})
  void anEventIsAJsonObject(String text) {
    assertThatExceptionOfType(UnreadableEvent.class)
        .isThrownBy(() -> EventCodec.readHttpEvent(stream(text)));
    assertThatExceptionOfType(UnreadableEvent.class)
        .isThrownBy(() -> EventCodec.readSqsEvent(stream(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"Records\":[{\"a\":", "{\"headers\":{\"a\":\"b\""})
  void anEventThatIsCutIsRejected(String text) {
    assertThatExceptionOfType(UnreadableEvent.class)
        .isThrownBy(() -> EventCodec.readHttpEvent(stream(text)));
    assertThatExceptionOfType(UnreadableEvent.class)
        .isThrownBy(() -> EventCodec.readSqsEvent(stream(text)));
  }

  @Test
  void whateverSizeAClientsPartsHaveIsRead() {
    String name = "n".repeat(200_000);
    String event =
        "{\"a\":"
            + "[".repeat(5_000)
            + "]".repeat(5_000)
            + ",\"b\":"
            + "1".repeat(5_000)
            + ",\"routeKey\":\"GET /items\",\"headers\":{\""
            + name
            + "\":\"x\"}}";
    assertThat(http(event).getHeaders()).containsExactly(Map.entry(name, "x"));
    assertThat(http(event).getRouteKey()).isEqualTo("GET /items");
  }

  @Test
  void anAnswerHasItsStatusItsHeadersAndItsBody() {
    Reply reply = new Reply(200, Map.of("ETag", "\"1\""), Optional.of("{\"é\":\"😀\"}"), false);
    assertThat(written(reply))
        .isEqualTo(
            "{\"statusCode\":200,\"headers\":{\"ETag\":\"\\\"1\\\"\"},"
                + "\"body\":\"{\\\"é\\\":\\\"😀\\\"}\",\"isBase64Encoded\":false}");
  }

  @Test
  void anAnswerWithoutABodyHasNone() {
    assertThat(written(Reply.empty(204)))
        .isEqualTo("{\"statusCode\":204,\"headers\":{},\"isBase64Encoded\":false}");
  }

  @Test
  void theAnswerToABatchNamesWhatFailed() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EventCodec.write(List.of("b", "a"), out);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"batchItemFailures\":[{\"itemIdentifier\":\"b\"},{\"itemIdentifier\":\"a\"}]}");
  }

  private static String written(Reply reply) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EventCodec.write(reply, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static APIGatewayV2HTTPEvent http(String text) {
    return EventCodec.readHttpEvent(stream(text));
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, Json> parse(Path file) {
    try {
      return members(Json.parse(Files.readString(file)));
    } catch (IOException | Json.Malformed e) {
      throw new AssertionError(file + " can't be read", e);
    }
  }

  private static Map<String, Json> members(@Nullable Json value) {
    if (value instanceof Json.Obj(Map<String, Json> members)) {
      return members;
    }
    throw new AssertionError(value + " is no object");
  }

  private static List<Json> elements(@Nullable Json value) {
    if (value instanceof Json.Arr(List<Json> elements)) {
      return elements;
    }
    throw new AssertionError(value + " is no array");
  }

  private static String text(@Nullable Json value) {
    if (value instanceof Json.Str(String text)) {
      return text;
    }
    throw new AssertionError(value + " is no text");
  }

  private static Map<String, String> texts(@Nullable Json value) {
    return members(value).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> text(entry.getValue())));
  }
}
