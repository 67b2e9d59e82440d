package dev.asyncitems.bench;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.asyncitems.function.RecordNotifications;
import dev.asyncitems.function.SendNotification;
import dev.asyncitems.local.LocalRun;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The consumer's throughput: a batch of jobs worked on concurrently, against the same jobs one
 * after another; on a store that answers after 5 ms, and on the engine of the local run.
 *
 * <p>Arguments: the template, the folder of the sample events, how often each is measured. Prints
 * JSON lines: engine, batch size, seconds of the batch and of the same one after another.
 */
public final class Batches {
  private static final int[] SIZES = {10, 100, 1_000};
  private static final Duration STUB = Duration.ofMillis(5);
  private static final Pattern ID = Pattern.compile("notifications/([0-9a-f-]{36})");

  private Batches() {}

  public static void main(String[] args) throws IOException {
    PrintStream results = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    int rounds = Integer.parseInt(args[2]);
    try (LocalRun run = Backend.run(args[0])) {
      Map<String, String> environment = run.environment("RecordNotifications");
      HttpServer stub = stub();
      Map<String, String> stubbed = new HashMap<>(environment);
      stubbed.put("ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:" + stub.getAddress().getPort());
      try (RecordNotifications onStub = new RecordNotifications(stubbed, Clock.systemUTC());
          RecordNotifications onEngine = new RecordNotifications(environment, Clock.systemUTC());
          SendNotification send =
              new SendNotification(run.environment("SendNotification"), Clock.systemUTC())) {
        byte[] event = Files.readAllBytes(Path.of(args[1], "send-notification.json"));
        compare("warm-up", onStub, 100, 1, () -> UUID.randomUUID().toString());
        for (int size : SIZES) {
          for (int round = 0; round < rounds; round++) {
            int times = Math.max(1, 100 / size);
            results.println(
                compare("stub", onStub, size, times, () -> UUID.randomUUID().toString()));
            results.println(compare("engine", onEngine, size, times, () -> sent(send, event)));
          }
        }
      }
      stub.stop(0);
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
        throw new IllegalStateException(answer);
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

  private static HttpServer stub() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", Batches::answerLate);
    server.start();
    return server;
  }

  private static void answerLate(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      Thread.sleep(STUB);
      byte[] answer = "{}".getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
