package dev.asyncitems.bench;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.function.RecordNotifications;
import dev.asyncitems.function.SendNotification;
import dev.asyncitems.local.LocalRun;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The consumer's throughput: a batch of jobs worked on concurrently, against the same jobs one
 * after another; on a store that answers after 5 ms, and on the engine of the local run.
 *
 * <p>Arguments: the template, the folder of the sample events. Prints JSON lines: engine, batch
 * size, seconds of the batch and of the same one after another.
 */
public final class Batches {
  private static final int[] SIZES = {10, 100, 1_000};

  /** Batches of 100 before anything is measured, until the JVM has compiled what they run. */
  private static final int WARM_UP = 100;

  private static final Duration STUB = Duration.ofMillis(5);
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}"
          .getBytes(StandardCharsets.UTF_8);
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *([0-9]+)");
  private static final Pattern ID = Pattern.compile("notifications/([0-9a-f-]{36})");

  private Batches() {}

  public static void main(String[] args) throws IOException {
    PrintStream results = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    try (LocalRun run = Backend.run(args[0])) {
      Map<String, String> environment = run.environment("RecordNotifications");
      ServerSocket stub = stub();
      Map<String, String> stubbed = new HashMap<>(environment);
      stubbed.put("ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:" + stub.getLocalPort());
      try (RecordNotifications onStub = new RecordNotifications(stubbed, Clock.systemUTC());
          RecordNotifications onEngine = new RecordNotifications(environment, Clock.systemUTC());
          SendNotification send =
              new SendNotification(run.environment("SendNotification"), Clock.systemUTC())) {
        byte[] event = Files.readAllBytes(Path.of(args[1], "send-notification.json"));
        for (int i = 0; i < WARM_UP; i++) {
          seconds(onStub, List.of(event(ids(100, () -> UUID.randomUUID().toString()))));
        }
        for (int size : SIZES) {
          int times = Math.max(1, 100 / size);
          results.println(compare("stub", onStub, size, times, () -> UUID.randomUUID().toString()));
          results.println(compare("engine", onEngine, size, times, () -> sent(send, event)));
        }
      }
      stub.close();
    }
  }

  private interface Ids {
    String next();
  }

  private static String compare(
      String engine, RequestStreamHandler consumer, int size, int times, Ids ids) {
    double batch = 0;
    double single = 0;
    for (int i = 0; i < times; i++) {
      byte[] all = event(ids(size, ids));
      List<byte[]> each = ids(size, ids).stream().map(id -> event(List.of(id))).toList();
      batch += seconds(consumer, List.of(all));
      single += seconds(consumer, each);
    }
    return String.format(
        "{\"engine\": \"%s\", \"batch\": %d, \"together\": %.6f, \"one_by_one\": %.6f}",
        engine, size, batch / times, single / times);
  }

  private static List<String> ids(int size, Ids ids) {
    List<String> list = new ArrayList<>(Collections.nCopies(size, ""));
    list.replaceAll(none -> ids.next());
    return list;
  }

  private static double seconds(RequestStreamHandler consumer, List<byte[]> events) {
    long start = System.nanoTime();
    for (byte[] event : events) {
      String answer = new String(Invocations.invoke(consumer, event), StandardCharsets.UTF_8);
      if (!answer.equals("{\"batchItemFailures\":[]}")) {
        long failed = Pattern.compile("itemIdentifier").matcher(answer).results().count();
        throw new IllegalStateException(failed + " jobs were not done");
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static byte[] event(List<String> ids) {
    StringBuilder records = new StringBuilder();
    for (String id : ids) {
      records
          .append(records.isEmpty() ? "" : ",")
          .append("{\"messageId\":\"")
          .append(id)
          .append("\",\"receiptHandle\":\"r\",\"body\":\"{\\\"id\\\":\\\"")
          .append(id)
          .append("\\\"}\",\"attributes\":{\"ApproximateReceiveCount\":\"1\"}}");
    }
    return ("{\"Records\":[" + records + "]}").getBytes(StandardCharsets.UTF_8);
  }

  private static String sent(SendNotification send, byte[] sample) {
    String event =
        new String(sample, StandardCharsets.UTF_8)
            .replaceAll("(\"idempotency-key\": \")[^\"]*", "$1" + UUID.randomUUID());
    String answer =
        new String(
            Invocations.invoke(send, event.getBytes(StandardCharsets.UTF_8)),
            StandardCharsets.UTF_8);
    Matcher id = ID.matcher(answer);
    if (!id.find()) {
      throw new IllegalStateException(answer);
    }
    return id.group(1);
  }

  /** Answers every request late, and does as little else as it can: it has the same two cores. */
  private static ServerSocket stub() throws IOException {
    ServerSocket server = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(() -> {
      try {
        while (true) {
          Socket client = server.accept();
          client.setTcpNoDelay(true);
          Thread.startVirtualThread(() -> answerLate(client));
        }
      } catch (IOException e) {
        // it was closed
      }
    });
    return server;
  }

  private static void answerLate(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      while (readRequest(in)) {
        Thread.sleep(STUB);
        client.getOutputStream().write(ANSWER);
      }
    } catch (IOException e) {
      // the client has closed it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads a request to its end; false if there is none any more. */
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
