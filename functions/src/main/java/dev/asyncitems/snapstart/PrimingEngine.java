package dev.asyncitems.snapstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DynamoDB, SQS and a container's credentials as a function sees them that is primed: a socket of
 * this process, on which each table has one row, each write succeeds and each message is taken. It
 * keeps nothing, and answers one call after the other on a thread of its own, until it is closed.
 */
final class PrimingEngine implements AutoCloseable {
  /** The name of the table of items. */
  static final String ITEMS = "priming-items";

  /** The name of the table of notifications. */
  static final String NOTIFICATIONS = "priming-notifications";

  /** The id of each row. */
  static final String ID = "00000000-0000-7000-8000-000000000000";

  private static final String ITEM =
      """
      {"id":{"S":"%s"},"shard":{"N":"0"},"name":{"S":"priming"},"description":{"S":"priming"},\
      "price":{"N":"1.5"},"tags":{"L":[{"S":"priming"}]},"createdAt":{"S":"1970-01-01T00:00:00.000Z"},\
      "updatedAt":{"S":"1970-01-01T00:00:00.000Z"},"version":{"N":"1"}}\
      """
          .formatted(ID);

  // One that waits for its turn, so that the relay has something to do.
  private static final String NOTIFICATION =
      """
      {"id":{"S":"%s"},"shard":{"N":"0"},"outbox":{"S":"queued#0"},\
      "nextDispatchAt":{"S":"1970-01-01T00:00:00.000Z#%s"},"message":{"S":"priming"},\
      "status":{"S":"queued"},"attempts":{"N":"0"},"createdAt":{"S":"1970-01-01T00:00:00.000Z"},\
      "requestId":{"S":"priming"}}\
      """
          .formatted(ID, ID);

  // Of the one attribute that jobs have, requestId: "priming" ("Calculating the MD5 message digest
  // for message attributes", Amazon SQS Developer Guide).
  private static final String MD5_OF_ATTRIBUTES = "5de389e8c69a117d6dc58a83dbce34ca";

  private static final String CREDENTIALS =
      """
      {"AccessKeyId":"priming","SecretAccessKey":"priming","Token":"priming",\
      "Expiration":"2100-01-01T00:00:00Z"}\
      """;

  private static final Pattern BODY = Pattern.compile("\"MessageBody\":\"((?:[^\"\\\\]|\\\\.)*)\"");

  private static final Pattern ENTRY = Pattern.compile("\"Id\":\"([^\"]*)\"");

  private final ServerSocket socket;

  /**
   * @throws IOException if there is no port for it
   */
  PrimingEngine() throws IOException {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread server = new Thread(this::serve, "priming");
    server.setDaemon(true);
    server.start();
  }

  /** Where it answers. */
  String url() {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
        int length = 0;
        String target = "";
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          String header = line.toLowerCase(Locale.ROOT);
          if (header.startsWith("content-length:")) {
            length = Integer.parseInt(line.substring(15).trim());
          } else if (header.startsWith("x-amz-target:")) {
            target = line.substring(13).trim();
          }
        }
        char[] body = new char[length];
        for (int read = 0, more = 0; read < length && more >= 0; read += more) {
          more = in.read(body, read, length - read);
        }
        String answer = answer(target.substring(target.indexOf('.') + 1), new String(body));
        OutputStream out = client.getOutputStream();
        out.write(
            ("HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: "
                    + answer.length()
                    + "\r\nConnection: close\r\n\r\n"
                    + answer)
                .getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      } catch (IOException e) {
        // a connection that was given up, or the end
      }
    }
  }

  private static String answer(String action, String request) {
    String row = request.contains('"' + ITEMS + '"') ? ITEM : NOTIFICATION;
    return switch (action) {
      case "" -> CREDENTIALS;
      case "GetItem" -> "{\"Item\":" + row + "}";
      case "Query" -> "{\"Items\":[" + row + "],\"Count\":1,\"ScannedCount\":1}";
      case "UpdateItem" -> "{\"Attributes\":{\"status\":{\"S\":\"queued\"}}}";
      case "SendMessage" -> "{" + taken(request) + "}";
      case "SendMessageBatch" ->
          "{\"Successful\":[{\"Id\":\"" + entry(request) + "\"," + taken(request) + "}],\"Failed\":[]}";
      case "GetQueueAttributes" ->
          """
          {"Attributes":{"ApproximateNumberOfMessages":"1",\
          "ApproximateNumberOfMessagesNotVisible":"0","ApproximateNumberOfMessagesDelayed":"0"}}\
          """;
      default -> "{}"; // a transaction
    };
  }

  private static String entry(String request) {
    Matcher id = ENTRY.matcher(request);
    return id.find() ? id.group(1) : "";
  }

  // The SDK compares the digests with its own.
  private static String taken(String request) {
    Matcher body = BODY.matcher(request);
    String sent = body.find() ? body.group(1).replace("\\\"", "\"") : "";
    try {
      byte[] digest =
          MessageDigest.getInstance("MD5").digest(sent.getBytes(StandardCharsets.ISO_8859_1));
      return "\"MessageId\":\"priming\",\"MD5OfMessageBody\":\""
          + HexFormat.of().formatHex(digest)
          + "\",\"MD5OfMessageAttributes\":\""
          + MD5_OF_ATTRIBUTES
          + "\"";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // each Java has MD5
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
