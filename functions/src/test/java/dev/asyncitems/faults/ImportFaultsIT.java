package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy.Fault;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;

/**
 * Each fault that the task of a chunk can meet. The chunk's items are created once all the same.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class ImportFaultsIT {
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofSeconds(5);

  private final TestClock clock = new TestClock();
  private final LocalRun run;
  private final Backend backend;
  private final Api api;
  private final Sandbox one;
  private final Sandbox other;

  ImportFaultsIT() throws Exception {
    Embedded.assume();
    run = Lane.run().clock(clock).withoutPollers().start();
    backend = new Backend(run);
    api = new Api(run.uri());
    one = Sandbox.of(run, Tasks.CHUNKS.consumer(), clock);
    other = Sandbox.of(run, Tasks.CHUNKS.consumer(), clock);
  }

  @BeforeEach
  void healAndEmpty() {
    one.proxy().heal();
    other.proxy().heal();
    backend.empty(Tasks.CHUNKS.queue());
    backend.empty(Tasks.CHUNKS.deadLetters());
  }

  @AfterAll
  void close() {
    one.close();
    other.close();
    backend.close();
    run.close();
  }

  /** An accepted import whose messages have been received. */
  private record Accepted(ImportFile file, String id, List<Message> messages) {
    Message first() {
      return messages.getFirst();
    }
  }

  private Accepted accept(int lines) throws Exception {
    ImportFile file = ImportFile.of(UUID.randomUUID().toString(), lines);
    String id =
        api.send("POST", "/imports", file.text(), "Content-Type", ImportFile.TYPE).text("id");
    List<Message> messages = new ArrayList<>(backend.take(Tasks.CHUNKS.queue(), lines));
    messages.sort(Comparator.comparing(Message::body));
    return new Accepted(file, id, messages);
  }

  private JsonNode progress(Accepted accepted) throws Exception {
    return api.get("/imports/" + accepted.id()).json();
  }

  private List<String> items(Accepted accepted) {
    return backend.rows("Items").stream()
        .sorted(Comparator.comparing(row -> Backend.text(row, "id")))
        .map(row -> Backend.text(row, "name"))
        .filter(name -> name.startsWith(accepted.file().name()))
        .toList();
  }

  private void assertDone(Accepted accepted) throws Exception {
    assertThat(ImportFile.judge(List.of(progress(accepted)), items(accepted))).isEmpty();
  }

  /** Returns whether the consumer called the message done. */
  private static boolean deliver(Sandbox sandbox, Message message, Duration left) {
    return Backend.failures(sandbox.invoke(Backend.batch(List.of(message)), left)).isEmpty();
  }

  static List<Arguments> faults() {
    return List.of(
        Arguments.of("a conflict over the chunk", Faults.CONFLICT),
        Arguments.of("a conflict over an item", Faults.cancelledByLast("TransactionConflict")),
        Arguments.of("the table of imports is throttled", Faults.CANCELLED_BY_THROTTLING),
        Arguments.of("the table of items is throttled", Faults.cancelledByLast("ThrottlingError")),
        Arguments.of(
            "the index of items is throttled",
            Faults.cancelledByLast("ProvisionedThroughputExceeded")),
        Arguments.of("the request is throttled", Faults.THROUGHPUT_EXCEEDED),
        Arguments.of("the request is refused", Faults.UNAVAILABLE),
        Arguments.of("the answer is lost", Fault.DROP_ANSWER));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void aChunkIsImportedInOneDeliveryThoughTwoCallsFail(String name, Fault fault) throws Exception {
    Accepted accepted = accept(25);
    one.proxy().next("TransactWriteItems", fault, fault);
    assertThat(deliver(one, accepted.first(), AMPLE)).isTrue();
    assertDone(accepted);
    assertThat(deliver(other, accepted.first(), AMPLE)).isTrue();
    assertDone(accepted);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void aChunkThatFailsIsImportedByItsNextDelivery(String name, Fault fault) throws Exception {
    Accepted accepted = accept(25);
    one.proxy().always("TransactWriteItems", fault);
    assertThat(deliver(one, accepted.first(), SHORT)).isFalse();
    boolean lost = fault.equals(Fault.DROP_ANSWER);
    assertThat(items(accepted)).hasSize(lost ? accepted.file().good().size() : 0);
    assertThat(progress(accepted).required("status").asString())
        .isEqualTo(lost ? "done" : "running");
    one.proxy().heal();
    assertThat(deliver(one, accepted.first(), AMPLE)).isTrue();
    assertDone(accepted);
  }

  /** Both deliveries have read the chunk as queued before either writes. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void threeDeliveriesOfAChunkTwoAtOnceImportItOnce(boolean answersAreLost) throws Exception {
    Accepted accepted = accept(25);
    CyclicBarrier both = new CyclicBarrier(2);
    Fault together =
        (call, engine) -> {
          both.await(10, TimeUnit.SECONDS);
          return answersAreLost
              ? Fault.DROP_ANSWER.apply(call, engine)
              : Optional.of(engine.call());
        };
    one.proxy().next("TransactWriteItems", together);
    other.proxy().next("TransactWriteItems", together);
    List<CompletableFuture<Boolean>> deliveries =
        List.of(one, other).stream()
            .map(sandbox ->
                CompletableFuture.supplyAsync(() -> deliver(sandbox, accepted.first(), AMPLE)))
            .toList();
    assertThat(deliveries.stream().map(CompletableFuture::join)).containsOnly(true);
    assertDone(accepted);
    assertThat(deliver(one, accepted.first(), AMPLE)).isTrue();
    assertDone(accepted);
  }

  @Test
  void anImportWhoseChunkUsedUpItsAttemptsIsFinishedByAReplay() throws Exception {
    Accepted accepted = accept(70);
    List<Message> messages = accepted.messages();
    assertThat(messages).hasSize(3);
    Message unlucky = messages.get(1);
    String chunk = Api.JSON.readTree(unlucky.body()).required("id").asString();
    Map<String, AttributeValue> row = new HashMap<>(backend.row(Tasks.CHUNKS.table(), chunk));
    row.put("attemptsUsed", AttributeValue.fromN("7"));
    backend.put(Tasks.CHUNKS.table(), List.of(row));
    one.proxy().always("TransactWriteItems", Faults.cancelledByLast("ThrottlingError"));
    assertThat(deliver(one, unlucky, SHORT)).isTrue();
    JsonNode running = progress(accepted);
    assertThat(running.required("status").asString()).isEqualTo("running");
    assertThat(running.has("failure")).isFalse();
    one.proxy().heal();

    assertThat(deliver(one, messages.get(0), AMPLE)).isTrue();
    assertThat(deliver(one, messages.get(2), AMPLE)).isTrue();

    JsonNode failed = progress(accepted);
    assertThat(failed.required("status").asString()).isEqualTo("failed");
    assertThat(failed.required("failure").asString())
        .isEqualTo("the store was unavailable at the last of 8 attempts");
    assertThat(failed.has("finishedAt")).isFalse();
    assertThat(failed.required("created").asInt()).isEqualTo(items(accepted).size());
    assertThat(failed.required("created").asInt() + failed.required("rejected").asInt())
        .isEqualTo(failed.required("total").asInt() - 25);
    assertThat(ImportFile.wentBack(running, failed)).isFalse();

    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> backend.visible(Tasks.CHUNKS.deadLetters()) == 1);
    backend.redrive(Tasks.CHUNKS.deadLetters(), Tasks.CHUNKS.queue());
    List<Message> replayed = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> replayed.addAll(backend.receive(Tasks.CHUNKS.queue(), 1, Backend.HIDDEN)));
    assertThat(deliver(one, replayed.getFirst(), AMPLE)).isTrue();

    JsonNode done = progress(accepted);
    assertThat(done.has("failure")).isFalse();
    assertThat(ImportFile.wentBack(failed, done)).isFalse();
    assertDone(accepted);
  }
}
