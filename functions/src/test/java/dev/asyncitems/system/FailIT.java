package dev.asyncitems.system;

import static dev.asyncitems.system.Backend.CONSUMER;
import static dev.asyncitems.system.Backend.DEAD_LETTERS;
import static dev.asyncitems.system.Backend.HIDDEN;
import static dev.asyncitems.system.Backend.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.template.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import tools.jackson.databind.JsonNode;

/** The local run's option {@code --fail}, with the project's functions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FailIT {
  private static final String FAILURE = "dev.asyncitems.local.invocation.InjectedFailure";

  private final LocalRun run =
      ProjectTemplate.run().withoutPollers().parameter("MaxAttempts", "3").start();
  private final Backend backend = new Backend(run);
  private final Api api = new Api(run.uri());

  @AfterAll
  void close() {
    backend.close();
    run.close();
  }

  /** From the fourth delivery on, the consumer records an attempt before it starts. */
  @Test
  void aTaskFailsAsInProductionAndCanBeReplayed() throws Exception {
    String id = api.send("POST", "/notifications", "{\"message\":\"hello\"}").text("id");
    List<JsonNode> lines = new CopyOnWriteArrayList<>();
    run.failures().turnOn(CONSUMER, 3);

    try (AutoCloseable _ = LogLines.to(lines::add)) {
      for (int attempt = 1; attempt <= 2; attempt++) {
        assertThat(deliver(id, attempt)).as("left in the queue").hasSize(1);
        JsonNode notification = api.get("/notifications/" + id).json();
        assertThat(notification.required("status").asString()).isEqualTo("queued");
        assertThat(notification.required("attempts").asInt()).isEqualTo(attempt);
      }
      assertThat(deliver(id, 4)).as("dead-lettered").isEmpty();
    }

    assertThat(lines)
        .filteredOn(line -> line.path("function").asString("").equals(CONSUMER))
        .extracting(line -> line.path("failure").asString(""))
        .containsExactly(FAILURE, FAILURE, FAILURE);
    JsonNode failed = api.get("/notifications/" + id).json();
    assertThat(failed.required("status").asString()).isEqualTo("failed");
    assertThat(failed.required("attempts").asInt()).isEqualTo(3);
    String reason = "an internal error occurred at the last of 3 attempts";
    assertThat(failed.required("failure").asString()).isEqualTo(reason);
    List<Message> letters = backend.receive(DEAD_LETTERS, 10, HIDDEN);
    assertThat(letters).extracting(Backend::reason).containsExactly(reason);

    assertThat(deliver(id, 1)).isEmpty();
    assertThat(api.get("/notifications/" + id).text("status")).isEqualTo("logged");
    backend.empty(DEAD_LETTERS);
    backend.empty(QUEUE);
  }

  private Set<String> deliver(String id, int delivery) {
    Message message =
        Backend.message(id).toBuilder()
            .attributes(
                Map.of(
                    MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, String.valueOf(delivery)))
            .build();
    return backend.consume(List.of(message));
  }

  /** A consumer without this place would fail before its tasks, and count no attempt. */
  @Test
  void eachConsumerFailsInItsTasks() throws Exception {
    for (Mapping mapping : run.template().mappings()) {
      List<JsonNode> lines = new ArrayList<>();
      run.failures().turnOn(mapping.functionId(), InjectedFailures.UNLIMITED);
      try (AutoCloseable _ = LogLines.to(lines::add)) {
        run.invoke(
            mapping.functionId(),
            Backend.batch(List.of(Backend.message("019a9f58-0000-7000-8000-000000000000"))));
      } finally {
        run.failures().turnOff(mapping.functionId());
      }
      assertThat(lines)
          .as(mapping.functionId())
          .singleElement()
          .extracting(line -> line.path("failure").asString(""))
          .isEqualTo(FAILURE);
    }
  }

  @Test
  void aFunctionBehindTheApiFailsBeforeItsHandler() throws Exception {
    run.failures().turnOn("GetItem", 1);
    String path = "/items/019a9f58-0000-7000-8000-000000000000";
    assertThat(api.rejectedByTheRun(path).status()).isEqualTo(500);
    assertThat(api.get(path).status()).isEqualTo(404);
  }
}
