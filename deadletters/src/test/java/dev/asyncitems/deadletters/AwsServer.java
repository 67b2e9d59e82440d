package dev.asyncitems.deadletters;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server with the protocols of SQS and DynamoDB, for failures that the local run's engines never
 * cause. Its dead-letter queue is never empty: after the old messages, new ones arrive without end.
 */
final class AwsServer implements AutoCloseable {
  /** The DynamoDB call that fails. */
  static final String BATCH_GET_ITEM = "BatchGetItem";

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;
  private final List<String> old;
  private final List<List<String>> sent = new CopyOnWriteArrayList<>();
  private final AtomicInteger given = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile int healthyCalls = Integer.MAX_VALUE;
  private volatile Trouble trouble = HttpExchange::close;

  /** The response to a call once the server fails. */
  interface Trouble {
    void answer(HttpExchange call) throws IOException;
  }

  /**
   * @param old the bodies of the messages from before the start
   */
  AwsServer(List<String> old) {
    this.old = old;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  /** Fails all calls after a number of healthy ones. */
  AwsServer trouble(int healthy, Trouble what) {
    trouble = what;
    healthyCalls = healthy;
    return this;
  }

  static void answer(HttpExchange call, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    call.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
    call.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    call.getResponseBody().write(bytes);
    call.close();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  String queueUrl() {
    return url() + "/000000000000/dead";
  }

  /** Returns the bodies that were sent, by call. */
  List<List<String>> sent() {
    return sent;
  }

  private void handle(HttpExchange call) throws IOException {
    String body = new String(call.getRequestBody().readAllBytes(), UTF_8);
    if (calls.getAndIncrement() >= healthyCalls) {
      trouble.answer(call);
      return;
    }
    String target = call.getRequestHeaders().getFirst("X-Amz-Target");
    String operation = target.substring(target.indexOf('.') + 1);
    answer(call, 200, answer(operation, JSON.readTree(body)).toString());
  }

  private JsonNode answer(String operation, JsonNode request) {
    ObjectNode answer = JSON.createObjectNode();
    switch (operation) {
      case "ListDeadLetterSourceQueues" -> answer.putArray("queueUrls").add(url() + "/0/source");
      case "GetQueueAttributes" ->
          answer.putObject("Attributes").put("ApproximateNumberOfMessagesNotVisible", "0");
      case "ReceiveMessage" -> {
        ArrayNode messages = answer.putArray("Messages");
        for (int i = 0; i < 10; i++) {
          message(messages.addObject(), given.getAndIncrement());
        }
      }
      case "SendMessageBatch" -> {
        List<String> bodies = new ArrayList<>();
        ArrayNode taken = answer.putArray("Successful");
        for (JsonNode entry : request.required("Entries")) {
          String body = entry.required("MessageBody").asString();
          bodies.add(body);
          taken
              .addObject()
              .put("Id", entry.required("Id").asString())
              .put("MessageId", "sent")
              .put("MD5OfMessageBody", md5(body));
        }
        answer.putArray("Failed");
        sent.add(bodies);
      }
      case "DeleteMessageBatch", "ChangeMessageVisibilityBatch" -> {
        ArrayNode taken = answer.putArray("Successful");
        request
            .required("Entries")
            .forEach(entry -> taken.addObject().put("Id", entry.required("Id").asString()));
        answer.putArray("Failed");
      }
      case BATCH_GET_ITEM -> {
        answer.putObject("Responses");
        answer.set("UnprocessedKeys", request.required("RequestItems"));
      }
      case "Query" -> answer.put("Count", 0).putArray("Items");
      default -> throw new AssertionError(operation);
    }
    return answer;
  }

  private void message(ObjectNode message, int number) {
    boolean isOld = number < old.size();
    String body = isOld ? old.get(number) : "it came " + number;
    Instant at = isOld ? Instant.now().minus(Duration.ofHours(1)) : Instant.now().plusSeconds(10);
    message
        .put("MessageId", "message-" + number)
        .put("ReceiptHandle", "receipt-" + number)
        .put("Body", body)
        .put("MD5OfBody", md5(body))
        .putObject("Attributes")
        .put("SentTimestamp", String.valueOf(at.toEpochMilli()));
  }

  private static String md5(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
