package dev.asyncitems.snapstart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;
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

  // A row with the data of every kind of task. Its entry is due, so that the relay dispatches it.
  private static final String TASK =
      """
      {"id":{"S":"%s"},"shard":{"N":"0"},"outbox":{"S":"queued#0"},\
      "nextDispatchAt":{"S":"1970-01-01T00:00:00.000Z#%s"},"message":{"S":"priming"},\
      "total":{"N":"1"},"number":{"N":"1"},"lines":{"B":"%s"},\
      "status":{"S":"queued"},"attempts":{"N":"0"},"requestId":{"S":"priming"}}\
      """
          .formatted(ID, ID, "eyJuYW1lIjoicHJpbWluZyIsInByaWNlIjoxLjV9");

  private static final String CREDENTIALS =
      """
      {"AccessKeyId":"priming","SecretAccessKey":"priming","Token":"priming",\
      "Expiration":"2100-01-01T00:00:00Z"}\
      """;

  private static final Pattern TABLE = Pattern.compile("\"RequestItems\":\\{\"([^\"]+)\"");
  private static final Pattern MESSAGE = Pattern.compile("\"Id\":\"([^\"]+)\"");

  private final HttpServer server;

  PrimingEngine() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", PrimingEngine::answer);
    server.start();
  }

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
      case "BatchGetItem" -> "{\"Responses\":{\"" + first(TABLE, request) + "\":[" + row + "]}}";
      case "Query" -> "{\"Items\":[" + row + "],\"Count\":1,\"ScannedCount\":1}";
      case "UpdateItem" -> "{\"Attributes\":{\"status\":{\"S\":\"queued\"}}}";
      case "SendMessage" -> "{\"MessageId\":\"priming\"}";
      case "SendMessageBatch" -> accepted(request);
      case "GetQueueAttributes" ->
          """
          {"Attributes":{"ApproximateNumberOfMessages":"1",\
          "ApproximateNumberOfMessagesNotVisible":"0","ApproximateNumberOfMessagesDelayed":"0"}}\
          """;
      default -> "{}"; // The functions do not read the other responses.
    };
  }

  private static String accepted(String request) {
    return MESSAGE
        .matcher(request)
        .results()
        .map(id -> "{\"MessageId\":\"priming\",\"Id\":\"" + id.group(1) + "\"}")
        .collect(Collectors.joining(",", "{\"Successful\":[", "],\"Failed\":[]}"));
  }

  private static String first(Pattern pattern, String request) {
    return pattern.matcher(request).results().findFirst().orElseThrow().group(1);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
