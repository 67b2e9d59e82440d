package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Api.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the local run with a data folder while it works, then starts it again. */
final class KillIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int WRITERS = 8;
  private static final int DELETED = -1;

  private final Map<String, Integer> items = new ConcurrentHashMap<>();
  private final Set<String> perhapsDeleted = ConcurrentHashMap.newKeySet();
  private final Set<String> notifications = ConcurrentHashMap.newKeySet();
  private final AtomicInteger failures = new AtomicInteger();

  @Test
  @Needs(Capability.STOP_AND_START)
  void keepsEveryAnsweredWriteAndLogsEveryAcceptedNotificationAfterAKill(@TempDir Path folder)
      throws Exception {
    AtomicInteger logged = new AtomicInteger();
    CountDownLatch middleOfABatch = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    try (FaultProxy dynamoDb = FaultProxy.open()) {
      // The consumer logs a few notifications. It never receives the answer to the last update.
      dynamoDb.always(
          "UpdateItem",
          (call, engine) -> {
            int number = logged.incrementAndGet();
            if (number <= 10) {
              var answer = engine.call();
              if (number < 10) {
                return Optional.of(answer);
              }
            }
            middleOfABatch.countDown();
            never.await();
            return Optional.empty();
          });
      try (ChildRun child =
          ChildRun.start(
              Map.of(), "--data=" + folder, "--parameter=DynamoDbEndpointUrl=" + dynamoDb.uri())) {
        dynamoDb.target(child.dynamoDb());
        Api api = new Api(child.uri());
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
          writers.add(Thread.ofVirtual().start(() -> writeUntilItEnds(api)));
        }
        assertThat(middleOfABatch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(PATIENCE).until(() -> items.size() >= 40 && notifications.size() >= 20);

        child.kill();

        for (Thread writer : writers) {
          writer.join();
        }
        // Every writer ended because the run stopped answering.
        assertThat(failures).hasValue(WRITERS);
      } finally {
        never.countDown();
      }
    }

    TestClock clock = new TestClock();
    try (LocalRun again = Lane.run().dataFolder(folder).clock(clock).start();
        Backend backend = new Backend(again)) {
      Api api = new Api(again.uri());
      assertItems(api);
      // After the message life, the relay dispatches every task that is still queued.
      clock.advance(ProjectTemplate.messageLife());
      assertThat(again.fireDueSchedules()).containsExactly(Backend.RELAY);
      for (String id : notifications) {
        await()
            .atMost(PATIENCE)
            .until(() -> api.get("/notifications/" + id).text("status").equals("logged"));
      }
      assertThat(backend.rows())
          .hasSizeGreaterThanOrEqualTo(notifications.size())
          .allSatisfy(
              row -> assertThat(Integer.parseInt(Backend.text(row, "attempts"))).isBetween(1, 3));
      assertThat(backend.visible(Backend.DEAD_LETTERS)).isZero();
    }
  }

  private void writeUntilItEnds(Api api) {
    try {
      while (true) {
        Answer created = answered(201, api.send("POST", "/items", "{\"name\":\"a\",\"price\":1}"));
        String id = created.text("id");
        items.put(id, 1);
        String path = "/items/" + id;
        int version =
            answered(200, api.send("PATCH", path, "{\"price\":2}"))
                .json()
                .required("version")
                .asInt();
        items.put(id, version);
        if (items.size() % 3 == 0) {
          perhapsDeleted.add(id);
          answered(204, api.send("DELETE", path, ""));
          items.put(id, DELETED);
        }
        Answer accepted = answered(202, api.send("POST", "/notifications", "{\"message\":\"a\"}"));
        notifications.add(accepted.text("id"));
      }
    } catch (IOException e) {
      failures.incrementAndGet();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Answer answered(int status, Answer answer) {
    if (answer.status() != status) {
      throw new AssertionError(answer.toString());
    }
    return answer;
  }

  private void assertItems(Api api) throws Exception {
    for (Map.Entry<String, Integer> item : items.entrySet()) {
      Answer read = api.get("/items/" + item.getKey());
      if (item.getValue() == DELETED) {
        assertThat(read.status()).isEqualTo(404);
      } else if (read.status() == 404) {
        // The kill interrupted its deletion.
        assertThat(perhapsDeleted).contains(item.getKey());
      } else {
        assertThat(read.status()).as(read.toString()).isEqualTo(200);
        assertThat(read.json().required("version").asInt())
            .isBetween(item.getValue(), item.getValue() + 1);
      }
    }
  }
}
