package dev.asyncitems.snapstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.function.GetItem;
import dev.asyncitems.lambda.Printed;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.system.ProjectTemplate;
import dev.asyncitems.system.SampleEvent;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The work before a snapshot: each function answers, and no connection stays open. */
final class SnapshotIT {
  /** Returns the functions that use a table or a queue. The others need no priming. */
  static List<Class<? extends RequestStreamHandler>> functions() throws ClassNotFoundException {
    List<Class<? extends RequestStreamHandler>> functions = new ArrayList<>();
    for (Function function : ProjectTemplate.read().functions()) {
      if (function.environment().keySet().stream().anyMatch(n -> n.startsWith("ENDPOINT_URL_"))) {
        functions.add(Class.forName(function.handler()).asSubclass(RequestStreamHandler.class));
      }
    }
    return functions;
  }

  @ParameterizedTest
  @MethodSource("functions")
  <F extends RequestStreamHandler> void aFunctionSucceeds(Class<F> type) throws Exception {
    try (var printed = new Printed()) {
      String answer = snapshot(type, Snapshot.maker(type)).prime(1);
      SampleEvent.of(ProjectTemplate.read().function(type.getSimpleName()))
          .assertSucceeded(answer.getBytes(StandardCharsets.UTF_8));
      // A warning would show, for example, a message that was not sent.
      assertThat(printed.lines())
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line.toString()).contains("INFO"));
    }
  }

  @Test
  void itAnswersAsOftenAsIsAskedForAndLogsOnce() throws Exception {
    var made = new AtomicInteger();
    var answered = new AtomicInteger();
    RequestStreamHandler function = new Counted(answered);
    try (var printed = new Printed()) {
      Priming.answer(
          (environment, clock) -> {
            made.incrementAndGet();
            return function;
          },
          Map.of(),
          Clock.systemUTC(),
          "{}",
          20);
      assertThat(printed.text()).isEqualTo("1\n");
      System.out.println("after it");
      assertThat(printed.text()).endsWith("after it\n");
    }
    assertThat(made).hasValue(1);
    assertThat(answered).hasValue(20);
  }

  /** Counts its events and prints the count. */
  private record Counted(AtomicInteger events) implements RequestStreamHandler, AutoCloseable {
    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) {
      System.out.print(events.incrementAndGet() + "\n");
    }

    @Override
    public void close() {}
  }

  @Test
  void aPrimingThatFailsIsAWarningAndTheSnapshotIsTaken() {
    Map<String, Supplier<GetItem>> failures =
        Map.of(
            "IllegalStateException",
            () -> {
              throw new IllegalStateException();
            },
            "NoClassDefFoundError",
            () -> {
              throw new NoClassDefFoundError();
            });
    failures.forEach((name, failure) -> {
      var snapshot = snapshot(GetItem.class, (environment, clock) -> failure.get());
      try (var printed = new Printed()) {
        snapshot.beforeCheckpoint(null);
        assertThat(printed.text()).contains("WARN", "GetItem", name);
      }
    });
  }

  @Test
  void anEnvironmentVariableLimitsTheAnswers() {
    var answered = new AtomicInteger();
    var snapshot =
        new Snapshot<>(
            Map.of("PRIMING_ANSWERS", "3"),
            Clock.systemUTC(),
            GetItem.class,
            (environment, clock) -> new Counted(answered));
    snapshot.beforeCheckpoint(null);
    assertThat(answered).hasValue(3);
  }

  @Test
  void aPrimedFunctionGetsNoTableNoUrlAndNoCredentialsOfTheRealOne() throws Exception {
    Map<String, String> real =
        Map.of(
            "ITEMS_TABLE", "real-items",
            "NOTIFICATIONS_QUEUE_URL", "https://sqs.example/real",
            "AWS_SECRET_ACCESS_KEY", "secret",
            "AWS_SESSION_TOKEN", "secret",
            "AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start",
            "METRICS_NAMESPACE", "real",
            "READ_SHARDS", "2");
    Map<String, String> primed = new HashMap<>();
    try (var printed = new Printed()) {
      new Snapshot<>(
              real,
              Clock.systemUTC(),
              GetItem.class,
              (environment, clock) -> {
                primed.putAll(environment);
                return Snapshot.maker(GetItem.class).apply(environment, clock);
              })
          .prime(1);
      assertThat(printed.text()).isNotEmpty();
    }
    assertThat(primed)
        .containsOnlyKeys(
            "ITEMS_TABLE",
            "NOTIFICATIONS_QUEUE_URL",
            "READ_SHARDS",
            "ENDPOINT_URL_DYNAMODB",
            "ENDPOINT_URL_SQS",
            "AWS_REGION")
        .containsEntry("READ_SHARDS", "2");
    assertThat(primed.values()).noneMatch(value -> value.contains("real"));
  }

  @ParameterizedTest
  @CsvSource({"snap-start,true", "on-demand,false", "'',false"})
  void onlyBeforeASnapshot(String initialization, boolean primed) {
    Map<String, String> environment = Map.of("AWS_LAMBDA_INITIALIZATION_TYPE", initialization);
    assertThat(Snapshot.of(environment, Clock.systemUTC(), GetItem.class)).isEqualTo(primed);
  }

  @ParameterizedTest
  @MethodSource("functions")
  @EnabledOnOs(
      value = OS.LINUX,
      disabledReason = "not applicable to this machine: only Linux lists a process's sockets")
  <F extends RequestStreamHandler> void nothingStaysConnected(Class<F> type) throws Exception {
    BiFunction<Map<String, String>, Clock, F> maker = Snapshot.maker(type);
    var endpoint = new AtomicReference<>("");
    snapshot(
            type,
            (environment, clock) -> {
              endpoint.set(environment.getOrDefault("ENDPOINT_URL_DYNAMODB", ""));
              return maker.apply(environment, clock);
            })
        .prime(3);
    int port = Integer.parseInt(endpoint.get().substring(endpoint.get().lastIndexOf(':') + 1));
    List<String> sockets = new ArrayList<>();
    for (String file :
        List.of("tcp", "tcp6")) { // Java uses the second file, the CRT uses the first.
      sockets.addAll(Files.readAllLines(Path.of("/proc/self/net", file)));
    }
    // 01 means an established connection, 0A a listening socket.
    assertThat(sockets)
        .filteredOn(line -> line.contains(String.format(":%04X ", port)))
        .noneMatch(line -> line.matches(" *\\d+: \\S+ \\S+ (01|0A) .*"));
    assertThat(System.getProperties()).doesNotContainKey("aws.containerCredentialsFullUri");
  }

  private static <F extends RequestStreamHandler> Snapshot<F> snapshot(
      Class<F> type, BiFunction<Map<String, String>, Clock, F> maker) {
    Map<String, String> environment =
        ProjectTemplate.read().function(type.getSimpleName()).environment();
    return new Snapshot<>(environment, Clock.systemUTC(), type, maker);
  }
}
