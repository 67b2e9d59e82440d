package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.system.Api.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Concurrent writes. Each has one effect, and each version is given once. */
@EndToEnd
@Needs(Capability.ISOLATED_TRANSACTIONS)
final class ConcurrencyIT {
  private static final String BODY = "{\"name\":\"Lamp\",\"price\":1}";

  private static final int MANY = Gateway.atOnce(50);

  private final Api api;

  ConcurrencyIT(Api api) {
    this.api = api;
  }

  @Test
  void makesOneItemOfConcurrentPostsWithOneIdempotencyKey() throws Exception {
    String key = UUID.randomUUID().toString();

    List<Answer> answers =
        atOnce(MANY, () -> api.sendAsync("POST", "/items", BODY, "Idempotency-Key", key));

    assertThat(answers).extracting(Answer::status).containsOnly(201);
    assertThat(answers).extracting(Answer::text).containsOnly(answers.getFirst().text());
    assertThat(answers)
        .extracting(answer -> answer.header("Location"))
        .containsOnly(answers.getFirst().header("Location"));
    assertThat(answers)
        .filteredOn(answer -> answer.header("Idempotent-Replayed").isEmpty())
        .as("the request that created it")
        .hasSize(1);
  }

  @Test
  void letsOneOfConcurrentPutsWithTheSameIfMatchWin() throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");

    List<Answer> answers =
        atOnce(MANY, () -> api.sendAsync("PUT", path, BODY, "If-Match", "\"1\""));

    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(1);
    assertThat(answers).filteredOn(answer -> answer.status() == 412).hasSize(MANY - 1);
    assertThat(api.get(path).header("ETag")).isEqualTo("\"2\"");
  }

  @Test
  void letsOneOfConcurrentWritesWithTheSameIfNoneMatchWin() throws Exception {
    int writers = Gateway.atOnce(10);
    for (String method : List.of("PUT", "PATCH")) {
      String path = api.send("POST", "/items", BODY).header("Location");

      List<Answer> answers =
          atOnce(writers, () -> api.sendAsync(method, path, BODY, "If-None-Match", "\"2\""));

      assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(1);
      assertThat(answers).filteredOn(answer -> answer.status() == 412).hasSize(writers - 1);
      assertThat(api.get(path).header("ETag")).isEqualTo("\"2\"");
    }
  }

  @Test
  void givesEachVersionOnceToConcurrentPatches() throws Exception {
    String path = api.send("POST", "/items", BODY).header("Location");

    List<Answer> answers = atOnce(MANY, () -> api.sendAsync("PATCH", path, "{}"));

    assertThat(answers).extracting(Answer::status).containsOnly(200);
    assertThat(answers)
        .extracting(answer -> answer.json().required("version").asLong())
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(2, MANY + 1).boxed().toList());
  }

  private static List<Answer> atOnce(int times, Supplier<CompletableFuture<Answer>> call)
      throws Exception {
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      calls.add(call.get());
    }
    List<Answer> answers = new ArrayList<>();
    for (CompletableFuture<Answer> one : calls) {
      answers.add(one.get());
    }
    return answers;
  }
}
