package dev.asyncitems.bench;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.function.LogNotifications;
import dev.asyncitems.function.SendNotification;
import dev.asyncitems.local.LocalRun;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures the consumer's throughput: a batch of messages, compared with the same messages one
 * after another, on {@link Stub} and on the engine of the local run.
 *
 * <p>Arguments: the template, the folder of the sample events, the stub's port. Prints JSON lines
 * with the engine, the batch size, and the seconds of the batch and of its messages one by one.
 */
public final class Batches {
  private static final int[] SIZES = {10, 100, 1_000};

  /** Batches of 100 messages before the measurement, so that the JVM has compiled the code. */
  private static final int WARM_UP = 100;

  private static final Pattern ID = Pattern.compile("notifications/([0-9a-f-]{36})");

  private Batches() {}

  public static void main(String[] args) throws IOException {
    PrintStream results = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    try (LocalRun run = Backend.run(args[0])) {
      Map<String, String> environment = run.environment("LogNotifications");
      Map<String, String> stubbed = new HashMap<>(environment);
      stubbed.put("ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:" + args[2]);
      try (LogNotifications onStub = new LogNotifications(stubbed, Clock.systemUTC());
          LogNotifications onEngine = new LogNotifications(environment, Clock.systemUTC());
          SendNotification send =
              new SendNotification(run.environment("SendNotification"), Clock.systemUTC())) {
        byte[] event = Files.readAllBytes(Path.of(args[1], "send-notification.json"));
        for (int i = 0; i < WARM_UP; i++) {
          seconds(onStub, List.of(event(ids(100, () -> UUID.randomUUID().toString()))));
        }
        compare("stub", onStub, () -> UUID.randomUUID().toString(), results);
        compare("engine", onEngine, () -> sent(send, event), results);
      }
    }
  }

  private interface Ids {
    String next();
  }

  private static void compare(
      String engine, RequestStreamHandler consumer, Ids ids, PrintStream results) {
    for (int size : SIZES) {
      for (int i = 0; i < Math.min(1_000 / size, 10); i++) {
        byte[] all = event(ids(size, ids));
        List<byte[]> each = ids(size, ids).stream().map(id -> event(List.of(id))).toList();
        results.printf(
            Locale.ROOT,
            "{\"engine\": \"%s\", \"batch\": %d, \"together\": %.6f, \"one_by_one\": %.6f}%n",
            engine,
            size,
            seconds(consumer, List.of(all)),
            seconds(consumer, each));
      }
    }
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
        throw new IllegalStateException(failed + " messages failed");
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
}
