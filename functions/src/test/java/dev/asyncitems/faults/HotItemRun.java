package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.faults.Events.Reply;
import dev.asyncitems.function.PatchItem;
import dev.asyncitems.lambda.TestContext;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Lane;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Measures a hot item, with {@code mvn verify -Dfaults=hot-item}: many clients write one item
 * without {@code If-Match}, in several rounds. It prints the number of successes and the response
 * times. It is not part of the gate, since its figures depend on the machine. HotItemTest checks
 * the algorithm in virtual time.
 */
@Tag("hot-item")
final class HotItemRun {
  private static final int WRITERS = Integer.getInteger("hot.writers", 300);
  private static final int ROUNDS = Integer.getInteger("hot.rounds", 5);
  // The timeout that the template gives the functions.
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final PrintStream out = System.out;

  private record Answered(int status, long version, Duration took) {}

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void eachVersionIsGivenOnce(int environments) throws Exception {
    System.setOut(new PrintStream(OutputStream.nullOutputStream()));
    List<PatchItem> handlers = new ArrayList<>();
    try (LocalRun run = Lane.run().withoutPollers().listener(RunListener.SILENT).start()) {
      Map<String, String> variables = run.environment("PatchItem");
      for (int i = 0; i < environments; i++) {
        handlers.add(new PatchItem(variables, Clock.systemUTC()));
      }
      Api api = new Api(run.uri());
      for (int round = 0; round <= ROUNDS; round++) {
        play(handlers, api, round == 0 ? "warm-up" : "round " + round);
      }
    } finally {
      for (PatchItem handler : handlers) {
        handler.close();
      }
      System.setOut(out);
    }
  }

  private void play(List<PatchItem> handlers, Api api, String round) throws Exception {
    String id = api.send("POST", "/items", "{\"name\":\"hot\",\"price\":1}").text("id");
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Answered>> underWay = new ArrayList<>();
    List<Answered> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < WRITERS; i++) {
        RequestStreamHandler handler = handlers.get(i % handlers.size());
        byte[] event = Events.http("PATCH /items/{id}", id, "", "{\"price\":" + i + "}", Map.of());
        underWay.add(
            threads.submit(() -> {
              start.await();
              return write(handler, event);
            }));
      }
      start.countDown();
      for (Future<Answered> one : underWay) {
        answers.add(one.get());
      }
    }
    long last = api.get("/items/" + id).json().required("version").asLong();
    List<Answered> written = of(200, answers);
    List<Answered> rejected = of(503, answers);
    // A write that timed out may have happened.
    List<Answered> unknown = of(504, answers);
    out.printf(
        "hot item, %d environments, %s: %d of %d written, the last after %d ms; 503 for %d within"
            + " %d ms; 504 for %d%n",
        handlers.size(),
        round,
        written.size(),
        WRITERS,
        longest(written),
        rejected.size(),
        longest(rejected),
        unknown.size());
    assertThat(written.size() + rejected.size() + unknown.size()).isEqualTo(WRITERS);
    assertThat(written).extracting(Answered::version).doesNotHaveDuplicates();
    assertThat(last - 1).isBetween((long) written.size(), (long) written.size() + unknown.size());
  }

  private static Answered write(RequestStreamHandler handler, byte[] event) throws Exception {
    long start = System.nanoTime();
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    handler.handleRequest(
        new ByteArrayInputStream(event), answer, new TestContext((int) TIMEOUT.toMillis()));
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    Reply reply = Reply.of(answer.toByteArray());
    return new Answered(reply.status(), reply.body().path("version").asLong(0), took);
  }

  private static List<Answered> of(int status, List<Answered> answers) {
    return answers.stream().filter(answer -> answer.status() == status).toList();
  }

  private static long longest(List<Answered> answers) {
    return answers.stream().mapToLong(answer -> answer.took().toMillis()).max().orElse(0);
  }
}
