package dev.asyncitems.snapstart;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.lambda.Log;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.jspecify.annotations.Nullable;

/**
 * Primes a function before a snapshot is taken of its environment ("Lambda SnapStart runtime
 * hooks"). A second function of the same class answers its sample event again and again with
 * success, on endpoints of this process, and is closed. So the classes of a success are loaded, and
 * often called methods are compiled. The snapshot holds no connection, no credential and no id: the
 * function that will answer has made none, and random numbers come from {@link
 * java.security.SecureRandom}, which reads the machine's source.
 */
public final class Snapshot<F extends RequestStreamHandler> implements Resource {
  // From then on little is left to compile: docs/decisions/0014.
  private static final int TIMES = 3_000;

  // The context holds its resources weakly.
  private static final List<Snapshot<?>> ALL = new CopyOnWriteArrayList<>();

  private final BiFunction<Map<String, String>, Clock, F> maker;
  private final Clock clock;
  private final Class<F> function;

  /**
   * @param maker makes a function of the class in another environment
   */
  Snapshot(Clock clock, Class<F> function, BiFunction<Map<String, String>, Clock, F> maker) {
    this.maker = maker;
    this.clock = clock;
    this.function = function;
  }

  /**
   * Primes functions of this class before a snapshot is taken, if one is to be.
   *
   * @return whether one is to be
   */
  public static <F extends RequestStreamHandler> boolean of(
      Map<String, String> environment, Clock clock, Class<F> function) {
    // Without SnapStart nobody asks, and a start shouldn't pay for it.
    if (!"snap-start".equals(environment.get("AWS_LAMBDA_INITIALIZATION_TYPE"))) {
      return false;
    }
    Snapshot<F> snapshot = new Snapshot<>(clock, function, maker(function));
    ALL.add(snapshot);
    Core.getGlobalContext().register(snapshot);
    return true;
  }

  /** Returns what makes functions of a class by their constructor for another environment. */
  static <F extends RequestStreamHandler> BiFunction<Map<String, String>, Clock, F> maker(
      Class<F> function) {
    return (environment, clock) -> {
      try {
        return function.getConstructor(Map.class, Clock.class).newInstance(environment, clock);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** Primes. Where that fails it says so, and the snapshot is of a function that starts slower. */
  @Override
  public void beforeCheckpoint(@Nullable Context<? extends Resource> context) {
    try {
      prime(TIMES);
    } catch (Exception | LinkageError e) { // else the deployment would fail
      new Log(function.getSimpleName(), clock)
          .write(Log.Level.WARN, "priming", Map.of(), Optional.of(e));
    }
  }

  @Override
  public void afterRestore(@Nullable Context<? extends Resource> context) {}

  /** Returns what the function answered at last that was made for it. */
  String prime(int times) throws Exception {
    return Priming.answer(maker, clock, event(function), times);
  }

  // GetItem: get-item.json
  private static String event(Class<?> function) {
    String file = function.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-") + ".json";
    try (InputStream event =
        Objects.requireNonNull(
            Snapshot.class.getResourceAsStream("/events/" + file.toLowerCase(Locale.ROOT)), file)) {
      return new String(event.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
