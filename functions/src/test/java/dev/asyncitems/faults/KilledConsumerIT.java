package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy.Fault;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/** A message that kills its function at every delivery, in a batch with healthy messages. */
@TestInstance(Lifecycle.PER_CLASS)
final class KilledConsumerIT {
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final int BATCH = 10;
  private static final int KILLER = 4;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final TestClock clock = new TestClock();
  private final LocalRun run;
  private final Backend backend;
  private final Api api;

  KilledConsumerIT() {
    Embedded.assume();
    run = Lane.run().clock(clock).withoutPollers().start();
    backend = new Backend(run);
    api = new Api(run.uri());
  }

  @AfterAll
  void close() {
    threads.close();
    backend.close();
    run.close();
  }

  /** Throttling used up the deliveries without suspicion. */
  @Test
  void onlyTheMessageThatKillsItsFunctionIsGivenUp() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      ids.add(api.send("POST", "/notifications", "{\"message\":\"a\"}").text("id"));
    }
    backend.purge(Backend.QUEUE);
    String killer = ids.get(KILLER);
    List<Message> batch = ids.stream().map(Backend::message).toList();
    List<String> behind = ids.subList(KILLER + 1, BATCH);
    for (int delivery = 4; delivery <= 11; delivery++) {
      assertThat(survives(killer, behind, delivered(batch, delivery))).isFalse();
      assertThat(backend.row(killer))
          .containsEntry("status", AttributeValue.fromS("queued"))
          .containsEntry("attemptsUsed", AttributeValue.fromN(String.valueOf(delivery - 3)));
    }
    assertThat(survives(killer, List.of(), delivered(batch, 12))).isTrue();

    String reason = "the function stopped at the last of 8 attempts";
    assertThat(backend.row(killer))
        .containsEntry("status", AttributeValue.fromS("failed"))
        .containsEntry("failure", AttributeValue.fromS(reason));
    assertThat(backend.take(Backend.DEAD_LETTERS, BATCH))
        .singleElement()
        .satisfies(letter -> {
          assertThat(letter.body()).contains(killer);
          assertThat(Backend.reason(letter)).isEqualTo(reason);
        });
    for (String id : ids) {
      if (!id.equals(killer)) {
        assertThat(backend.row(id))
            .containsEntry("status", AttributeValue.fromS("done"))
            .containsEntry("attempts", AttributeValue.fromN("1"));
      }
    }
  }

  private static List<Message> delivered(List<Message> batch, int delivery) {
    return batch.stream()
        .map(message ->
            message.toBuilder()
                .attributes(
                    Map.of(
                        MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                        String.valueOf(delivery)))
                .build())
        .toList();
  }

  /**
   * Delivers a batch to a new environment, which dies at the effect of the killer. Returns whether
   * it ended, with all messages done.
   *
   * @param behind the ids of messages that would die with the killer, if they started before it
   */
  private boolean survives(String killer, List<String> behind, List<Message> batch) {
    CompletableFuture<Boolean> killed = new CompletableFuture<>();
    try (Sandbox sandbox = Sandbox.of(run, Backend.CONSUMER, clock)) {
      sandbox
          .proxy()
          .plan(call -> {
            boolean effect = call.body().contains("doneAt");
            if (effect && call.body().contains(killer)) {
              killed.complete(true);
            }
            return killed.isDone() || (effect && behind.stream().anyMatch(call.body()::contains))
                ? Fault.HANG
                : Fault.PASS;
          });
      CompletableFuture<Set<String>> answer =
          CompletableFuture.supplyAsync(
              () -> Backend.failures(sandbox.invoke(Backend.batch(batch), AMPLE)), threads);
      CompletableFuture.anyOf(killed, answer).join();
      if (answer.isDone()) {
        assertThat(answer.join()).isEmpty();
        return true;
      }
      return false;
    }
  }
}
