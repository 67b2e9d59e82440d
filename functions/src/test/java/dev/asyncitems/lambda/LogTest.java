package dev.asyncitems.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.ServiceError;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.json.Json;
import dev.asyncitems.metric.Contention;
import dev.asyncitems.metric.Metric;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class LogTest {
  private static final String SECRET = "secret-123";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-15T09:32:00.1239Z"), ZoneOffset.UTC);

  @Test
  void aLineIsOneJsonObjectThatLambdaTakesAsItIs() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("text", "a\nb\"é😀");
    fields.put("number", 7);
    fields.put("long", 1L << 40);
    try (Printed printed = new Printed()) {
      new Log("GetItem", CLOCK).write(Log.Level.WARN, "hello", fields, Optional.empty());
      assertThat(printed.text())
          .isEqualTo(
              "{\"timestamp\":\"2026-01-15T09:32:00.123Z\",\"level\":\"WARN\","
                  + "\"message\":\"hello\",\"function\":\"GetItem\","
                  + "\"text\":\"a\\nb\\\"é😀\",\"number\":7,\"long\":1099511627776}"
                  + System.lineSeparator());
    }
  }

  @Test
  void theLineOfACallTellsCloudWatchWhatToTakeFromIt() {
    Map<Metric, Long> metrics = new EnumMap<>(Metric.class);
    metrics.put(Metric.REQUESTS, 1L);
    metrics.put(Metric.AGE, 0L);
    Contention contention = new Contention();
    contention.conflict();
    contention.retry();
    contention.retry();
    Log log = new Log("GetItem", "7", Optional.of("a-stack"), contention, false, CLOCK);
    try (Printed printed = new Printed()) {
      log.writeCall(
          Log.Level.INFO, "request", Map.of("route", "GET /a"), metrics, Optional.empty());
      assertThat(printed.text().strip())
          .isEqualTo(
              "{\"timestamp\":\"2026-01-15T09:32:00.123Z\",\"level\":\"INFO\",\"message\":\"request\",\"function\":\"GetItem\",\"route\":\"GET"
                  + " /a\",\"requests\":1,\"ageMs\":0,\"storeConflicts\":1,\"storeRetries\":2,"
                  + "\"coldStarts\":1,\"_aws\":{\"Timestamp\":1768469520123,"
                  + "\"CloudWatchMetrics\":[{\"Namespace\":\"a-stack\","
                  + "\"Dimensions\":[[\"route\",\"result\"]],\"Metrics\":[{\"Name\":\"requests\"}]},"
                  + "{\"Namespace\":\"a-stack\",\"Dimensions\":[[\"function\"]],\"Metrics\":["
                  + "{\"Name\":\"ageMs\",\"Unit\":\"Milliseconds\"},{\"Name\":\"storeConflicts\"},"
                  + "{\"Name\":\"storeRetries\"},{\"Name\":\"coldStarts\"}]}]}}");
    }
  }

  @Test
  void anErrorOfTheServerNamesTheVersionThatMadeIt() throws Json.Malformed {
    Log log = new Log("GetItem", "7", Optional.of("a-stack"), new Contention(), false, CLOCK);
    try (Printed printed = new Printed()) {
      log.writeCall(
          Log.Level.ERROR, "request", Map.of(), Map.of(Metric.SERVER_ERRORS, 1L), Optional.empty());
      log.writeCall(
          Log.Level.INFO, "request", Map.of(), Map.of(Metric.REQUESTS, 1L), Optional.empty());
      assertThat(printed.lines().getFirst())
          .containsEntry("serverErrors", new Json.Num("1"))
          .containsEntry("version", new Json.Str("7"));
      assertThat(printed.text())
          .contains(
              "\"Dimensions\":[[\"function\",\"version\"]],\"Metrics\":[{\"Name\":\"serverErrors\"}]");
      assertThat(printed.lines().getLast()).doesNotContainKey("version");
    }
  }

  @Test
  void aRowThatWasSkippedIsAWarningInOneLineAndNoMetric() throws Json.Malformed {
    Contention contention = new Contention();
    contention.skipRow();
    contention.skipRow();
    Log log = new Log("ListItems", "7", Optional.of("a-stack"), contention, false, CLOCK);
    try (Printed printed = new Printed()) {
      log.writeCall(Log.Level.INFO, "request", Map.of(), Map.of(), Optional.empty());
      log.writeCall(Log.Level.INFO, "request", Map.of(), Map.of(), Optional.empty());
      contention.skipRow();
      log.writeCall(Log.Level.ERROR, "request", Map.of(), Map.of(), Optional.empty());
      assertThat(printed.lines())
          .extracting(line -> line.get("level"), line -> line.get("skippedRows"))
          .containsExactly(
              tuple(new Json.Str("WARN"), new Json.Num("2")),
              tuple(new Json.Str("INFO"), null),
              tuple(new Json.Str("ERROR"), new Json.Num("1")));
      assertThat(printed.text()).doesNotContain("{\"Name\":\"skippedRows\"}");
    }
  }

  @Test
  void whatIsCountedBesideACallIsCountedOnce() throws Json.Malformed {
    Contention contention = new Contention();
    contention.conflict();
    Log log = new Log("GetItem", "7", Optional.of("a-stack"), contention, false, CLOCK);
    try (Printed printed = new Printed()) {
      for (int i = 0; i < 3; i++) {
        log.writeCall(Log.Level.INFO, "request", Map.of(), Map.of(), Optional.empty());
      }
      assertThat(printed.lines().getFirst()).containsKeys("_aws", "coldStarts", "storeConflicts");
      assertThat(printed.lines().subList(1, 3))
          .allSatisfy(
              line -> assertThat(line).doesNotContainKeys("_aws", "coldStarts", "storeConflicts"));
    }
  }

  @Test
  void ofManyThreadsEachConflictAndTheOneStartAreCountedOnce() throws Exception {
    Contention contention = new Contention();
    Log log = new Log("GetItem", "7", Optional.of("a-stack"), contention, false, CLOCK);
    try (Printed printed = new Printed()) {
      try (var threads = Executors.newFixedThreadPool(64)) {
        for (int i = 0; i < 6_400; i++) {
          threads.execute(() -> {
            contention.conflict();
            log.writeCall(Log.Level.INFO, "request", Map.of(), Map.of(), Optional.empty());
          });
        }
      }
      assertThat(sum(printed.lines(), "storeConflicts")).isEqualTo(6_400);
      assertThat(sum(printed.lines(), "coldStarts")).isEqualTo(1);
    }
  }

  private static long sum(List<Map<String, Json>> lines, String name) {
    return lines.stream()
        .mapToLong(line -> line.get(name) instanceof Json.Num(String n) ? Long.parseLong(n) : 0)
        .sum();
  }

  @Test
  void withoutANamespaceNothingIsToldToCloudWatch() throws Json.Malformed {
    try (Printed printed = new Printed()) {
      new Log("GetItem", CLOCK)
          .writeCall(Log.Level.INFO, "request", Map.of(), Map.of(), Optional.empty());
      assertThat(printed.lines().getFirst()).containsKey("coldStarts").doesNotContainKey("_aws");
    }
  }

  @Test
  void ofAForeignFailureOnlyTheClassesAndThePlacesAreTold() throws Json.Malformed {
    Map<String, Json> line =
        line(new IllegalStateException(SECRET, new ArithmeticException(SECRET)));
    assertThat(text(line, "failure"))
        .isEqualTo("java.lang.IllegalStateException <- java.lang.ArithmeticException");
    assertThat(text(line, "at"))
        .startsWith(LogTest.class.getName() + ".ofAForeignFailure")
        .matches("[^ ]+:[0-9]+( < [^ ]+:-?[0-9]+){1,7}");
    assertThat(line.toString()).doesNotContain(SECRET);
  }

  @Test
  void onTheDevelopersMachineTheWholeFailureIsTold() throws Json.Malformed {
    Throwable failure = new IllegalStateException("no paper", new ArithmeticException("no ink"));
    Map<String, String> local = Map.of("AWS_SAM_LOCAL", "true");
    try (Printed printed = new Printed()) {
      for (Map<String, String> environment : List.of(local, Map.<String, String>of())) {
        Log.of("GetItem", environment, new Contention(), CLOCK)
            .write(Log.Level.ERROR, "failed", Map.of(), Optional.of(failure));
      }
      assertThat(text(printed.lines().getFirst(), "stackTrace"))
          .startsWith("java.lang.IllegalStateException: no paper")
          .contains(
              "at " + LogTest.class.getName(), "Caused by: java.lang.ArithmeticException: no ink");
      assertThat(printed.lines().getLast()).doesNotContainKey("stackTrace");
    }
  }

  @Test
  void ofOurOwnFailuresTheWordsAreToldAndNotThoseOfTheirCauses() throws Json.Malformed {
    Map<String, Json> away =
        line(
            new CompletionException(
                new Unavailable("DynamoDB answered 503", new IllegalStateException(SECRET))));
    assertThat(text(away, "failure"))
        .isEqualTo(
            "dev.asyncitems.call.Unavailable: DynamoDB answered 503"
                + " <- java.lang.IllegalStateException");
    assertThat(away).as("not a fault in the code").doesNotContainKey("at");

    Map<String, Json> rejected =
        line(new ServiceError("SQS answered 403", new IllegalStateException(SECRET)));
    assertThat(text(rejected, "failure"))
        .isEqualTo(
            "dev.asyncitems.call.ServiceError: SQS answered 403"
                + " <- java.lang.IllegalStateException");
    assertThat(rejected).containsKey("at");

    assertThat(line(new DeadlineExceeded(new IllegalStateException(SECRET))))
        .doesNotContainKey("at")
        .containsEntry(
            "failure",
            new Json.Str(
                "dev.asyncitems.call.DeadlineExceeded: the deadline has passed"
                    + " <- java.lang.IllegalStateException"));
  }

  private static Map<String, Json> line(Throwable failure) throws Json.Malformed {
    try (Printed printed = new Printed()) {
      new Log("GetItem", CLOCK).write(Log.Level.ERROR, "failed", Map.of(), Optional.of(failure));
      assertThat(printed.text()).doesNotContain(SECRET);
      return printed.lines().getFirst();
    }
  }

  private static String text(Map<String, Json> line, String name) {
    return line.get(name) instanceof Json.Str(String value) ? value : "";
  }
}
