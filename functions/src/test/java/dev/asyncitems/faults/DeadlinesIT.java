package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.faults.Calls.Invoked;
import dev.asyncitems.faults.Events.Reply;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * With one second left and an engine that hangs, a function answers in time and makes no later
 * call.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class DeadlinesIT {
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final Duration SECOND = Duration.ofSeconds(1);
  // Longer than any pause or time limit of a call that began within the second.
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final TestClock clock = new TestClock();
  private final Map<Sandbox, Integer> answered = new HashMap<>();
  private @Nullable LocalRun started;

  @BeforeAll
  void start() {
    Embedded.assume();
    started = Lane.run().clock(clock).withoutPollers().start();
  }

  /** Checks that no call has reached the engines since the answers. */
  @AfterAll
  void nothingGoesOnAfterTheAnswer() {
    try {
      await()
          .during(answered.isEmpty() ? Duration.ZERO : QUIET)
          .atMost(QUIET.multipliedBy(2))
          .untilAsserted(() -> {
            List<Call> late = new ArrayList<>();
            answered.forEach((sandbox, calls) ->
                late.addAll(
                    sandbox.proxy().calls().subList(calls, sandbox.proxy().calls().size())));
            assertThat(late).extracting(Call::action).as("calls after the answer").isEmpty();
          });
    } finally {
      answered.keySet().forEach(Sandbox::close);
      if (started != null) {
        started.close();
      }
    }
  }

  private LocalRun run() {
    return Objects.requireNonNull(started);
  }

  /** Returns an environment that has already answered, so that a cold start uses up no time. */
  private Sandbox warm(Calls call) throws Exception {
    Sandbox sandbox = Sandbox.of(run(), call.functionId(), clock);
    assertThat(call.succeeded(call.on(run(), sandbox, clock, AMPLE))).isTrue();
    return sandbox;
  }

  private Invoked withASecondLeft(Calls call, Sandbox sandbox, Predicate<Call> which, Fault fault)
      throws Exception {
    byte[] event = call.event(run(), clock);
    sandbox.proxy().always(which, fault);
    Invoked invoked = Calls.invoke(sandbox, event, SECOND);
    answered.put(sandbox, sandbox.proxy().calls().size());
    assertThat(invoked.took()).as(invoked.toString()).isLessThan(SECOND);
    return invoked;
  }

  private static void assertProblem(Invoked invoked, int status, String type) {
    Reply reply = Reply.of(invoked.answer());
    assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
    assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(reply.body().required("type").asString()).isEqualTo("/problems/" + type);
  }

  /** Makes all calls in parallel, since they only wait. */
  private Map<Calls, Invoked> atOnce(Predicate<Calls> which, Fault fault, Duration left)
      throws Exception {
    Map<Calls, Sandbox> sandboxes = new EnumMap<>(Calls.class);
    for (Calls call : Calls.values()) {
      if (which.test(call)) {
        sandboxes.put(call, warm(call));
      }
    }
    Map<Calls, Future<Invoked>> all = new EnumMap<>(Calls.class);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Map.Entry<Calls, Sandbox> one : sandboxes.entrySet()) {
        byte[] event = one.getKey().event(run(), clock);
        one.getValue().proxy().always(any -> true, fault);
        all.put(one.getKey(), threads.submit(() -> Calls.invoke(one.getValue(), event, left)));
      }
    }
    Map<Calls, Invoked> invoked = new EnumMap<>(Calls.class);
    for (Map.Entry<Calls, Future<Invoked>> one : all.entrySet()) {
      Sandbox sandbox = Objects.requireNonNull(sandboxes.get(one.getKey()));
      invoked.put(one.getKey(), one.getValue().get());
      answered.put(sandbox, sandbox.proxy().calls().size());
    }
    return invoked;
  }

  @Test
  void everyHttpFunctionAnswersThatTheTimeRanOut() throws Exception {
    atOnce(Calls::isHttp, Fault.HANG, SECOND)
        .forEach((call, invoked) -> {
          assertThat(invoked.took()).as(call + " " + invoked).isLessThan(SECOND);
          assertProblem(invoked, 504, "deadline-exceeded");
        });
  }

  @Test
  void writersAreToldSoonThatConflictsDoNotEnd() throws Exception {
    Set<Calls> writes =
        Set.of(Calls.CREATE_ITEM, Calls.REPLACE_ITEM, Calls.PATCH_ITEM, Calls.DELETE_ITEM);
    atOnce(writes::contains, Faults.CONFLICT, AMPLE)
        .forEach((call, invoked) -> {
          // Conflicts take at most 4.7 s on an idle machine.
          assertThat(invoked.took()).as(call + " " + invoked).isLessThan(AMPLE.dividedBy(2));
          assertProblem(invoked, 503, "unavailable");
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"CREATE_ITEM", "REPLACE_ITEM", "PATCH_ITEM", "DELETE_ITEM"})
  void answersInTimeWhenConflictsDoNotEnd(Calls call) throws Exception {
    Invoked invoked = withASecondLeft(call, warm(call), any -> true, Faults.CONFLICT);

    assertProblem(invoked, 503, "unavailable");
  }

  @ParameterizedTest
  @EnumSource(names = {"POST_NOTIFICATION", "SEND_NOTIFICATION"})
  void acceptsWhatIsWrittenThoughTheQueueHangs(Calls call) throws Exception {
    Invoked invoked =
        withASecondLeft(call, warm(call), asked -> asked.service().equals(Call.SQS), Fault.HANG);

    assertThat(call.succeeded(invoked)).as(invoked.toString()).isTrue();
  }

  /**
   * An attempt fails just before the deadline, so the pause before the next attempt would end after
   * it.
   */
  @ParameterizedTest
  @EnumSource(names = {"GET_ITEM", "CREATE_ITEM"})
  void makesNoAttemptAfterTheAnswer(Calls call) throws Exception {
    Fault late =
        (same, engine) -> {
          Thread.sleep(660);
          return Faults.INTERNAL_ERROR.apply(same, engine);
        };
    Sandbox sandbox = warm(call);
    byte[] event = call.event(run(), clock);
    sandbox.proxy().always(any -> true, late);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Invoked>> all = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        all.add(threads.submit(() -> Calls.invoke(sandbox, event, SECOND)));
      }
      for (Future<Invoked> one : all) {
        assertThat(Reply.of(one.get().answer()).status()).isIn(503, 504);
      }
    }
    answered.put(sandbox, sandbox.proxy().calls().size());
  }

  @Test
  void theConsumerReturnsWhatIsUnfinished() throws Exception {
    Sandbox sandbox = warm(Calls.CONSUME_BATCH);

    Invoked invoked = withASecondLeft(Calls.CONSUME_BATCH, sandbox, any -> true, Fault.HANG);

    assertThat(Backend.failures(invoked.answer())).hasSize(10);
  }

  /** Messages that may kill the function wait for each other. */
  @Test
  void theConsumerReturnsWhatItCouldNotBegin() throws Exception {
    Sandbox sandbox = warm(Calls.CONSUME_BATCH);
    String event = new String(Calls.CONSUME_BATCH.event(run(), clock), StandardCharsets.UTF_8);
    String suspects =
        event.replace("\"ApproximateReceiveCount\":\"1\"", "\"ApproximateReceiveCount\":\"4\"");
    assertThat(suspects).isNotEqualTo(event);
    sandbox.proxy().always(any -> true, Fault.HANG);
    // About a second more than the time that is reserved for recording failures.
    Duration left = Duration.ofMillis(4_300);

    Invoked invoked = Calls.invoke(sandbox, suspects.getBytes(StandardCharsets.UTF_8), left);

    answered.put(sandbox, sandbox.proxy().calls().size());
    assertThat(invoked.took()).isLessThan(left);
    assertThat(Backend.failures(invoked.answer())).hasSize(10);
    assertThat(sandbox.proxy().calls())
        .as("one attempt after the other, and no more than the time allows")
        .filteredOn(call -> call.service().equals(Call.DYNAMODB))
        .extracting(Call::body)
        .doesNotContain("doneAt");
  }

  @Test
  void theConsumerReturnsOnlyWhatIsUnfinished() throws Exception {
    Sandbox sandbox = warm(Calls.CONSUME_BATCH);
    byte[] event = Calls.CONSUME_BATCH.event(run(), clock);
    List<String> ids = new ArrayList<>();
    Set<String> messages = new HashSet<>();
    Api.JSON
        .readTree(event)
        .required("Records")
        .forEach(record -> {
          ids.add(Api.JSON.readTree(record.required("body").asString()).required("id").asString());
          messages.add(record.required("messageId").asString());
        });
    sandbox.proxy().always(call -> call.body().contains(ids.get(3)), Fault.HANG);
    // About a second more than the time that is reserved for recording failures.
    Duration left = Duration.ofMillis(4_300);

    Invoked invoked = Calls.invoke(sandbox, event, left);

    answered.put(sandbox, sandbox.proxy().calls().size());
    assertThat(invoked.took()).isLessThan(left);
    assertThat(Backend.failures(invoked.answer())).hasSize(1).isSubsetOf(messages);
  }

  @Test
  void theRelayEndsInTime() throws Exception {
    Sandbox sandbox = warm(Calls.RELAY);
    byte[] event = Calls.RELAY.event(run(), clock);
    sandbox.proxy().always(any -> true, Fault.HANG);
    long start = System.nanoTime();

    assertThatThrownBy(() -> sandbox.invoke(event, Duration.ofSeconds(3)))
        .isInstanceOf(DeadlineExceeded.class);

    answered.put(sandbox, sandbox.proxy().calls().size());
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }
}
