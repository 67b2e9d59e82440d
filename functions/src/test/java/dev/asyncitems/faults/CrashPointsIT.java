package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.faults.Path.Condition;
import dev.asyncitems.faults.PathRun.State;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kills functions at every possible point: before each call, after each call, and before the
 * answer. Then a new environment handles the next try of the client, the queue or the schedule, and
 * the triggers finish the background tasks.
 *
 * <p>The calls are recorded. The end must be the same as after one undisturbed invocation. Only a
 * request that a client may not repeat, and that had an effect before the crash, ends as after two.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class CrashPointsIT {
  private static final Duration AMPLE = Duration.ofSeconds(30);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private @Nullable PathRun started;

  @BeforeAll
  void start() {
    Embedded.assume();
    started = new PathRun();
  }

  @AfterAll
  void close() {
    threads.close();
    if (started != null) {
      started.close();
    }
  }

  private PathRun run() {
    return Objects.requireNonNull(started);
  }

  static List<Path> paths() {
    return Path.all();
  }

  /** When a function dies, relative to a step. */
  private enum When {
    BEFORE,
    AFTER,
    BEFORE_ITS_ANSWER
  }

  /** The last answer, and the state after all background tasks have ended. */
  private record End(String answer, State state) {}

  @ParameterizedTest
  @MethodSource("paths")
  void nothingIsLostOrDoneTwice(Path path) {
    List<Call> calls = calls(path);
    if (calls.stream().noneMatch(CrashPointsIT::changes)) {
      return; // A crash of a function that only reads loses nothing.
    }
    State calm = run().finish(path);
    End once = end(path, 1);
    End twice = end(path, 2);
    assertSame(path, "without a crash", calm, once.state());
    if (path.isRepeatable()) {
      assertSame(path, "arrives twice", twice.state(), once.state());
    }
    for (String step : new LinkedHashSet<>(calls.stream().map(PathRun::step).toList())) {
      assertSurvives(path, When.BEFORE, step, once, twice);
      assertSurvives(path, When.AFTER, step, once, twice);
    }
    assertSurvives(path, When.BEFORE_ITS_ANSWER, "", once, twice);
  }

  private static boolean changes(Call call) {
    return !PathRun.READS.contains(call.action());
  }

  /** Takes the path and returns its calls. */
  private List<Call> calls(Path path) {
    byte[] event = run().prepare(path);
    try (Sandbox sandbox = run().sandbox(path)) {
      sandbox.proxy().plan(path.weather());
      var _ = sandbox.invoke(event, AMPLE);
      if (path.condition().isLast()) {
        assertThat(run().statuses()).as("%s", path).contains("failed");
      }
      return List.copyOf(sandbox.proxy().calls());
    }
  }

  /** Returns the end after undisturbed invocations with the same event. */
  private End end(Path path, int times) {
    byte[] event = run().prepare(path);
    String answer = "";
    for (int i = 0; i < times; i++) {
      answer = answer(path, run().invoke(path, event));
    }
    return new End(answer, run().finish(path));
  }

  /** Returns a request's status, or a batch's failures. The counts of a tick may differ. */
  private static String answer(Path path, byte[] answer) {
    return path.sample().isHttp()
        ? Api.JSON.readTree(answer).required("statusCode").asString()
        : path.sample().isBatch() ? new String(answer, StandardCharsets.UTF_8) : "";
  }

  private static void assertSame(Path path, String point, State actual, State expected) {
    assertThat(actual.rows()).as("%s: %s", path, point).isEqualTo(expected.rows());
    if (path.condition().isLast()) {
      // A crash after sending the dead letter leaves it, and the next delivery replays the task.
      assertThat(actual.letters()).as("%s: %s", path, point).isSubsetOf("{\"id\":\"id\"}");
    } else if (path.condition() == Condition.DISPATCHES_USED_UP) {
      // A crash after marking the row leaves no dead letter.
      assertThat(actual.letters()).as("%s: %s", path, point).isSubsetOf(expected.letters());
    } else {
      assertThat(actual.letters()).as("%s: %s", path, point).isEqualTo(expected.letters());
    }
  }

  private void assertSurvives(Path path, When when, String step, End once, End twice) {
    String point = "dies " + when + " " + step;
    byte[] event = run().prepare(path);
    End expected = die(path, when, step, event) ? twice : once;

    assertThat(answer(path, run().invoke(path, event)))
        .as("%s: %s", path, point)
        .isEqualTo(expected.answer());
    if (path.isTick()) {
      assertThat(run().messages()).as("%s: %s", path, point).doesNotHaveDuplicates();
    }
    assertSame(path, point, run().finish(path), expected.state());
  }

  /**
   * Runs a function up to a point, then kills it and blocks everything that it still does.
   *
   * @return whether it has written something
   */
  private boolean die(Path path, When when, String step, byte[] event) {
    AtomicBoolean written = new AtomicBoolean();
    CompletableFuture<Void> dead = new CompletableFuture<>();
    Function<Call, Fault> weather = path.weather();
    Sandbox sandbox = run().sandbox(path);
    sandbox
        .proxy()
        .witness((call, answer) -> {
          if (changes(call) && !call.service().equals(Call.SQS) && answer.status() == 200) {
            written.set(true);
          }
        });
    sandbox
        .proxy()
        .plan(call -> {
          if (dead.isDone()) {
            return Fault.HANG;
          }
          Fault fault = weather.apply(call);
          if (!PathRun.step(call).equals(step)) {
            return fault;
          }
          return (same, engine) -> {
            if (when == When.AFTER) {
              var _ = fault.apply(same, engine);
            }
            dead.complete(null);
            return Fault.HANG.apply(same, engine);
          };
        });
    CompletableFuture<byte[]> answer =
        CompletableFuture.supplyAsync(() -> sandbox.invoke(event, AMPLE), threads);
    CompletableFuture.anyOf(dead, answer).join();
    assertThat(dead.isDone()).as("reaches " + step).isEqualTo(!step.isEmpty());
    sandbox.kill();
    return written.get();
  }
}
