package dev.asyncitems.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.json.Json;
import dev.asyncitems.lambda.ScheduleShell.Done;
import dev.asyncitems.metric.Metric;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ScheduleShellTest {
  private final Log log = new Log("Relay", Clock.systemUTC());
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void theCountsAreAnsweredAndLogged() throws Json.Malformed {
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("due", 3);
    counts.put("sent", 2);
    try (Printed printed = new Printed()) {
      new ScheduleShell(
              deadline ->
                  CompletableFuture.completedFuture(
                      new Done(
                          counts,
                          Map.of(Metric.DISPATCHED, 2L),
                          Optional.empty(),
                          Optional.empty())),
              log)
          .handle(InputStream.nullInputStream(), out, TestContext.AMPLE);
      assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("{\"due\":3,\"sent\":2}");
      assertThat(printed.lines()).hasSize(1);
      assertThat(printed.lines().getFirst())
          .containsOnlyKeys(
              "timestamp",
              "level",
              "message",
              "function",
              "invocationId",
              "outcome",
              "due",
              "sent",
              "dispatched",
              "coldStarts",
              "durationMs")
          .containsEntry("outcome", new Json.Str("ok"))
          .containsEntry("level", new Json.Str("INFO"))
          .containsEntry("due", new Json.Num("3"));
    }
  }

  @Test
  void theFailureOfAPartIsLoggedWithTheCounts() throws Json.Malformed {
    Done done =
        new Done(
            Map.of("notSent", 1),
            Map.of(),
            Optional.of(new Unavailable("SQS answered 503")),
            Optional.empty());
    try (Printed printed = new Printed()) {
      new ScheduleShell(deadline -> CompletableFuture.completedFuture(done), log)
          .handle(InputStream.nullInputStream(), out, TestContext.AMPLE);
      assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("{\"notSent\":1}");
      assertThat(printed.lines().getFirst())
          .containsEntry("level", new Json.Str("WARN"))
          .containsEntry("outcome", new Json.Str("ok"))
          .containsEntry(
              "failure", new Json.Str(Unavailable.class.getName() + ": SQS answered 503"));
    }
  }

  @Test
  void aFailureIsLoggedAndThrownSoThatLambdaCountsIt() throws Json.Malformed {
    Unavailable away = new Unavailable("away");
    for (ScheduleShell shell :
        new ScheduleShell[] {
          new ScheduleShell(deadline -> CompletableFuture.failedFuture(away), log),
          new ScheduleShell(
              deadline -> {
                throw away;
              },
              log)
        }) {
      try (Printed printed = new Printed()) {
        assertThatExceptionOfType(Unavailable.class)
            .isThrownBy(() -> shell.handle(InputStream.nullInputStream(), out, TestContext.AMPLE))
            .isSameAs(away);
        assertThat(printed.lines()).hasSize(1);
        assertThat(printed.lines().getFirst())
            .containsEntry("level", new Json.Str("ERROR"))
            .containsEntry("outcome", new Json.Str("failed"));
      }
    }
    assertThat(out.size()).isZero();
  }

  @Test
  void anErrorWithCountsIsLoggedWithThem() throws Json.Malformed {
    Unavailable away = new Unavailable("away");
    Done done =
        new Done(
            Map.of("sent", 2), Map.of(Metric.DISPATCHED, 2L), Optional.of(away), Optional.of(away));
    try (Printed printed = new Printed()) {
      assertThatExceptionOfType(Unavailable.class)
          .isThrownBy(() ->
              new ScheduleShell(deadline -> CompletableFuture.completedFuture(done), log)
                  .handle(InputStream.nullInputStream(), out, TestContext.AMPLE));
      assertThat(printed.lines().getFirst())
          .containsEntry("level", new Json.Str("ERROR"))
          .containsEntry("outcome", new Json.Str("failed"))
          .containsEntry("sent", new Json.Num("2"))
          .containsEntry("dispatched", new Json.Num("2"));
    }
    assertThat(out.size()).isZero();
  }

  @Test
  void whatDoesNotEndInTimeFails() {
    try (Printed printed = new Printed()) {
      ScheduleShell shell = new ScheduleShell(deadline -> new CompletableFuture<>(), log);
      assertThatExceptionOfType(DeadlineExceeded.class)
          .isThrownBy(() -> shell.handle(InputStream.nullInputStream(), out, new TestContext(310)));
      assertThat(printed.text()).contains("DeadlineExceeded");
    }
  }
}
