package dev.asyncitems.snapstart;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.lambda.Log;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
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
 * A hook that primes a function before Lambda takes a snapshot of its environment ("Lambda
 * SnapStart runtime hooks"). A second function of the same class answers its sample event thousands
 * of times. So the snapshot contains loaded classes and compiled methods.
 *
 * <p>The snapshot holds no connection, credential or id, because the real function has made no call
 * yet. Ids, tokens and jitter come from {@link java.security.SecureRandom}. It reads the kernel's
 * random generator, which Lambda reseeds after a restore. It uses the bytes that it has read for at
 * most 100 ms by the wall clock.
 */
public final class Snapshot<F extends RequestStreamHandler> implements Resource {
  // The environment variable with the number of answers, for machines that are slow, such as an
  // emulated one. After 3,000 answers little is left to compile (docs/decisions/0014).
  private static final String ANSWERS = "PRIMING_ANSWERS";
  private static final String DEFAULT_ANSWERS = "3000";

  // Keeps hooks from being garbage-collected, since the CRaC context holds only weak references.
  private static final List<Snapshot<?>> ALL = new CopyOnWriteArrayList<>();

  private final BiFunction<Map<String, String>, Clock, F> maker;
  private final Map<String, String> environment;
  private final Clock clock;
  private final Class<?> function;

  /** Creates a hook. {@code maker} creates the second function from adapted variables. */
  Snapshot(
      Map<String, String> environment,
      Clock clock,
      Class<?> function,
      BiFunction<Map<String, String>, Clock, F> maker) {
    this.environment = new HashMap<>(environment);
    // A snapshot must not hold credentials.
    this.environment.keySet().removeIf(name -> name.startsWith("AWS_"));
    this.maker = maker;
    this.clock = clock;
    this.function = function;
  }

  /** If Lambda takes a snapshot, registers priming for a function and returns true. */
  public static <F extends RequestStreamHandler> boolean of(
      Map<String, String> environment, Clock clock, Class<F> function) {
    // Registration would slow down a start without SnapStart.
    if (!"snap-start".equals(environment.get("AWS_LAMBDA_INITIALIZATION_TYPE"))) {
      return false;
    }
    Snapshot<F> snapshot = new Snapshot<>(environment, clock, function, maker(function));
    ALL.add(snapshot);
    Core.getGlobalContext().register(snapshot);
    return true;
  }

  /** Returns a factory that calls the constructor with environment variables and a clock. */
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

  /** Primes the function. A failure is logged and only makes starts slower. */
  @Override
  public void beforeCheckpoint(@Nullable Context<? extends Resource> context) {
    try {
      prime(Integer.parseInt(environment.getOrDefault(ANSWERS, DEFAULT_ANSWERS)));
    } catch (Exception | LinkageError e) { // A failure here would fail the deployment.
      new Log(function.getSimpleName(), clock)
          .write(Log.Level.WARN, "priming", Map.of(), Optional.of(e));
    }
  }

  @Override
  public void afterRestore(@Nullable Context<? extends Resource> context) {}

  String prime(int times) throws Exception {
    return Priming.answer(maker, environment, clock, event(function), times);
  }

  // The sample event of GetItem, for example, is get-item.json.
  private static String event(Class<?> function) {
    String name = function.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-");
    String file = "/events/" + name.toLowerCase(Locale.ROOT) + ".json";
    try (InputStream event =
        Objects.requireNonNull(Snapshot.class.getResourceAsStream(file), file + " is missing")) {
      return new String(event.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
