package dev.asyncitems.function;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is done before a snapshot: each function answers once, and nothing stays open. */
final class SnapshotIT {
  static List<Class<? extends RequestStreamHandler>> functions() {
    return List.of(
        ListItems.class,
        CreateItem.class,
        GetItem.class,
        ReplaceItem.class,
        PatchItem.class,
        DeleteItem.class,
        SendNotification.class,
        ListNotifications.class,
        GetNotification.class,
        GetData.class,
        RecordNotifications.class,
        RelayNotifications.class);
  }

  @ParameterizedTest
  @MethodSource("functions")
  <F extends RequestStreamHandler> void aFunctionAnswers(Class<F> type) throws Exception {
    String answer = new Snapshot<>(Clock.systemUTC(), type, maker(type)).prime();
    assertThat(answer).startsWith("{").doesNotContain("\"statusCode\":5", "\"statusCode\":400");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void nothingStaysConnected() throws Exception {
    var endpoint = new AtomicReference<>("");
    new Snapshot<>(
            Clock.systemUTC(),
            GetItem.class,
            (environment, clock) -> {
              endpoint.set(environment.getOrDefault("ENDPOINT_URL_DYNAMODB", ""));
              return new GetItem(environment, clock);
            })
        .prime();
    int port = Integer.parseInt(endpoint.get().substring(endpoint.get().lastIndexOf(':') + 1));
    // 01 is the state of an established connection, 0A that of a socket that listens.
    assertThat(Files.readAllLines(Path.of("/proc/self/net/tcp")))
        .filteredOn(line -> line.contains(String.format(":%04X ", port)))
        .noneMatch(line -> line.matches(" *\\d+: \\S+ \\S+ (01|0A) .*"));
  }

  private static <F extends RequestStreamHandler> BiFunction<Map<String, String>, Clock, F> maker(
      Class<F> type) throws ReflectiveOperationException {
    Constructor<F> constructor = type.getConstructor(Map.class, Clock.class);
    return (environment, clock) -> {
      try {
        return constructor.newInstance(environment, clock);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    };
  }
}
