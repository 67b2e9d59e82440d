package dev.asyncitems.snapstart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A stand-in for DynamoDB, SQS and the endpoint of container credentials. It is an HTTP server on
 * the loopback address. Each table has one row, each write succeeds, and nothing is stored.
 */
final class PrimingEngine implements AutoCloseable {
  private static final String ID = "00000000-0000-7000-8000-000000000000";

  private static final String ITEM =
      """
      {"id":{"S":"%s"},"shard":{"N":"0"},"name":{"S":"priming"},"description":{"S":"priming"},\
      "price":{"N":"1.5"},"tags":{"L":[{"S":"priming"}]},"createdAt":{"S":"1970-01-01T00:00:00.000Z"},\
      "updatedAt":{"S":"1970-01-01T00:00:00.000Z"},"version":{"N":"1"}}\
      """
          .formatted(ID);

  // A notification, which serves as the row of any task. Its entry is due, so that the relay
  // dispatches it.
  private static final String TASK =
      """
      {"id":{"S":"%s"},"shard":{"N":"0"},"outbox":{"S":"queued#0"},\
      "nextDispatchAt":{"S":"1970-01-01T00:00:00.000Z#%s"},"message":{"S":"priming"},\
      "status":{"S":"queued"},"attempts":{"N":"0"},"createdAt":{"S":"1970-01-01T00:00:00.000Z"},\
      "requestId":{"S":"priming"}}\
      """
          .formatted(ID, ID);

  private static final String CREDENTIALS =
      """
      {"AccessKeyId":"priming","SecretAccessKey":"priming","Token":"priming",\
      "Expiration":"2100-01-01T00:00:00Z"}\
      """;

  private final HttpServer server;

  /** Starts the server on a free port. */
  PrimingEngine() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", PrimingEngine::answer);
    server.start();
  }

  /** Returns the endpoint's URL. */
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String target =
        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("X-Amz-Target"), "");
    String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    byte[] answer =
        answer(target.substring(target.indexOf('.') + 1), request).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static String answer(String action, String request) {
    String row = request.contains("\"ITEMS_TABLE\"") ? ITEM : TASK;
    return switch (action) {
      case "" -> CREDENTIALS;
      case "GetItem" -> "{\"Item\":" + row + "}";
      case "BatchGetItem" -> "{\"Responses\":{\"" + table(json(request)) + "\":[" + row + "]}}";
      case "Query" -> "{\"Items\":[" + row + "],\"Count\":1,\"ScannedCount\":1}";
      case "UpdateItem" -> "{\"Attributes\":{\"status\":{\"S\":\"queued\"}}}";
      case "SendMessage" -> "{" + sent(json(request)) + "}";
      case "SendMessageBatch" -> batch(json(request));
      case "GetQueueAttributes" ->
          """
          {"Attributes":{"ApproximateNumberOfMessages":"1",\
          "ApproximateNumberOfMessagesNotVisible":"0","ApproximateNumberOfMessagesDelayed":"0"}}\
          """;
      default -> "{}"; // a transaction
    };
  }

  private static String table(Json.Obj request) {
    Json.Obj items = (Json.Obj) Objects.requireNonNull(request.members().get("RequestItems"));
    return items.members().keySet().iterator().next();
  }

  private static String batch(Json.Obj request) {
    Json.Arr entries = (Json.Arr) Objects.requireNonNull(request.members().get("Entries"));
    return entries.elements().stream()
        .map(Json.Obj.class::cast)
        .map(entry -> "{\"Id\":\"" + text(entry, "Id") + "\"," + sent(entry) + "}")
        .collect(Collectors.joining(",", "{\"Successful\":[", "],\"Failed\":[]}"));
  }

  private static Json.Obj json(String request) {
    try {
      return (Json.Obj) Json.parse(request);
    } catch (Json.Malformed e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String sent(Json.Obj message) {
    String body = text(message, "MessageBody");
    Json attributes = message.members().getOrDefault("MessageAttributes", new Json.Obj(Map.of()));
    return "\"MessageId\":\"priming\",\"MD5OfMessageBody\":\""
        + md5(body.getBytes(StandardCharsets.UTF_8))
        + "\",\"MD5OfMessageAttributes\":\""
        + md5(bytes(((Json.Obj) attributes).members()))
        + "\"";
  }

  private static String text(Json.Obj object, String member) {
    return object.members().get(member) instanceof Json.Str text ? text.value() : "";
  }

  // The SDK verifies the digest ("Calculating the MD5 message digest for message attributes",
  // Amazon SQS Developer Guide).
  private static byte[] bytes(Map<String, Json> attributes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      for (Map.Entry<String, Json> attribute : new TreeMap<>(attributes).entrySet()) {
        String value = text((Json.Obj) attribute.getValue(), "StringValue");
        write(out, attribute.getKey());
        write(out, "String");
        out.writeByte(1); // the code of a string value
        write(out, value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has MD5", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
