package dev.asyncitems.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A store that answers every request with {@code {}} after 5 ms. It does little else, because it
 * shares two cores with its caller. Prints its port, and serves until its standard input ends.
 */
public final class Stub {
  private static final Duration LATENCY = Duration.ofMillis(5);
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}"
          .getBytes(StandardCharsets.UTF_8);
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *([0-9]+)");

  private Stub() {}

  public static void main(String[] args) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(() -> accept(server));
      System.out.println(server.getLocalPort());
      while (System.in.read() >= 0) {}
    }
  }

  private static void accept(ServerSocket server) {
    try {
      while (true) {
        Socket client = server.accept();
        client.setTcpNoDelay(true);
        Thread.startVirtualThread(() -> answerLate(client));
      }
    } catch (IOException e) {
      // the server was closed
    }
  }

  private static void answerLate(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      while (readRequest(in)) {
        Thread.sleep(LATENCY);
        client.getOutputStream().write(ANSWER);
      }
    } catch (IOException e) {
      // the client closed the connection
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads a request to its end. Returns false at the end of the stream. */
  private static boolean readRequest(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
      int next = in.read();
      if (next < 0) {
        return false;
      }
      head.append((char) next);
    }
    Matcher length = LENGTH.matcher(head);
    in.skipNBytes(length.find() ? Long.parseLong(length.group(1)) : 0);
    return true;
  }
}
