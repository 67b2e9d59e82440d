package dev.asyncitems.bench;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.function.CreateItem;
import dev.asyncitems.function.UnmatchedRoute;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures the shell of HTTP functions, from the bytes of an event to the response and its log
 * line, with requests that need no store. The system property {@code events} names the folder of
 * the sample events.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class HttpBenchmark {
  /** 404 is for an unknown path, and 422 for an item with two violations. */
  @Param({"404", "422"})
  public String status = "404";

  private RequestStreamHandler handler = new UnmatchedRoute(ENVIRONMENT, Clock.systemUTC());
  private byte[] event = new byte[0];
  private final PrintStream console = System.out;

  /** Creates the handler and its event, and discards log lines. */
  @Setup
  public void setUp() throws IOException {
    Path events = Path.of(System.getProperty("events"));
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    if (status.equals("422")) {
      handler = new CreateItem(ENVIRONMENT, Clock.systemUTC());
      event =
          Files.readString(events.resolve("create-item.json"))
              .replace("\\\"name\\\":\\\"Lamp\\\"", "\\\"name\\\":\\\"\\\"")
              .replace("\\\"price\\\":49.9", "\\\"price\\\":-1")
              .getBytes(StandardCharsets.UTF_8);
    } else {
      event = Files.readAllBytes(events.resolve("unmatched-route.json"));
    }
    String answer = new String(Invocations.invoke(handler, event), StandardCharsets.UTF_8);
    if (!answer.startsWith("{\"statusCode\":" + status)) {
      console.println(answer);
      throw new IllegalStateException(answer);
    }
  }

  @Benchmark
  public byte[] answer() {
    return Invocations.invoke(handler, event);
  }

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "AWS_REGION", "us-east-1",
          "AWS_ACCESS_KEY_ID", "none",
          "AWS_SECRET_ACCESS_KEY", "none",
          "ITEMS_TABLE", "items",
          "IDEMPOTENCY_TABLE", "idempotency",
          "METRICS_NAMESPACE", "async-items",
          "WRITE_SHARDS", "2");
}
