package dev.asyncitems.local.invocation;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.template.TemplateException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The handler objects of a run, one per function, each serving many invocations at once.
 * Thread-safe.
 */
public final class Handlers implements AutoCloseable {

  /** Lambda's limit for the event and for the answer of a synchronous invocation, in bytes. */
  public static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

  private final Map<String, Made> handlers;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private record Made(
      Function function, RequestStreamHandler handler, Map<String, String> environment) {}

  private Handlers(Map<String, Made> handlers) {
    this.handlers = handlers;
  }

  /**
   * Makes every function's handler, by the first of these constructors that its class has: {@code
   * (Map<String, String> environment, Clock clock)}, {@code (Map<String, String> environment)},
   * {@code ()}.
   *
   * @throws TemplateException if a class isn't there, is no handler, or throws
   */
  public static Handlers make(
      Template template,
      java.util.function.Function<Function, Map<String, String>> environments,
      Clock clock) {
    Map<String, Made> handlers = new LinkedHashMap<>();
    List<Future<Made>> making = new ArrayList<>();
    ExecutorService makers = Executors.newFixedThreadPool(2, daemons());
    try {
      for (Function function : template.functions()) {
        Callable<Made> made =
            () -> {
              Map<String, String> environment =
                  Collections.unmodifiableMap(environments.apply(function));
              return new Made(function, make(function, environment, clock), environment);
            };
        making.add(makers.submit(made));
      }
      for (Future<Made> future : making) {
        Made made = future.get();
        handlers.put(made.function().id(), made);
      }
    } catch (ExecutionException e) {
      new Handlers(handlers).close();
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      makers.shutdownNow();
    }
    return new Handlers(handlers);
  }

  private static java.util.concurrent.ThreadFactory daemons() {
    return task -> {
      Thread thread = new Thread(task, "handlers");
      thread.setDaemon(true);
      return thread;
    };
  }

  private static RequestStreamHandler make(
      Function function, Map<String, String> environment, Clock clock) {
    String place = "Resources." + function.id() + ".Properties.Handler: ";
    Class<?> type;
    try {
      type = Class.forName(function.handler(), true, Handlers.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new TemplateException(
          place + "there is no class " + function.handler() + " on the class path.", e);
    } catch (LinkageError e) {
      throw new TemplateException(place + function.handler() + " can't be loaded: " + e + ".", e);
    }
    if (!RequestStreamHandler.class.isAssignableFrom(type)) {
      throw new TemplateException(place + function.handler() + " is no RequestStreamHandler.");
    }
    try {
      return (RequestStreamHandler) construct(type, environment, clock);
    } catch (InvocationTargetException e) {
      throw new TemplateException(
          place + function.handler() + " can't be made: " + e.getCause(), e);
    } catch (ReflectiveOperationException e) {
      throw new TemplateException(
          place
              + function.handler()
              + " has no public constructor that takes (Map, Clock),"
              + " (Map) or nothing.",
          e);
    }
  }

  private static Object construct(Class<?> type, Map<String, String> environment, Clock clock)
      throws ReflectiveOperationException {
    for (Constructor<?> constructor : type.getConstructors()) {
      if (List.of(constructor.getParameterTypes()).equals(List.of(Map.class, Clock.class))) {
        return constructor.newInstance(environment, clock);
      }
    }
    for (Constructor<?> constructor : type.getConstructors()) {
      if (List.of(constructor.getParameterTypes()).equals(List.of(Map.class))) {
        return constructor.newInstance(environment);
      }
    }
    return type.getConstructor().newInstance();
  }

  /** The environment that a function was given, by its logical id. */
  public Map<String, String> environment(String functionId) {
    return made(functionId).environment();
  }

  /** Invokes with a new request id. See {@link #invoke(String, String, byte[], Duration)}. */
  public byte[] invoke(String functionId, byte[] event, Duration timeout) {
    return invoke(functionId, UUID.randomUUID().toString(), event, timeout);
  }

  /** The time that the template gives a function. */
  public Duration timeout(String functionId) {
    return made(functionId).function().timeout();
  }

  /**
   * Calls a function and waits for its answer.
   *
   * @throws InvocationException if it throws, or isn't done in time: then it is interrupted
   */
  public byte[] invoke(String functionId, String requestId, byte[] event, Duration timeout) {
    Made made = made(functionId);
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    InvocationContext context = new InvocationContext(made.function(), requestId, timeout);
    Callable<byte[]> call =
        () -> {
          made.handler().handleRequest(new ByteArrayInputStream(event), answer, context);
          return answer.toByteArray();
        };
    Future<byte[]> future = threads.submit(call);
    try {
      byte[] bytes = future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (bytes.length > PAYLOAD_LIMIT) {
        throw InvocationException.failed(
            functionId, new IOException("the answer is larger than 6 MB"));
      }
      return bytes;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw InvocationException.failed(functionId, cause == null ? e : cause);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw InvocationException.timedOut(functionId, e);
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw InvocationException.failed(functionId, e);
    }
  }

  private Made made(String functionId) {
    Made made = handlers.get(functionId);
    if (made == null) {
      throw new TemplateException("The template has no function " + functionId + ".");
    }
    return made;
  }

  /** Closes each handler that can be closed. */
  @Override
  public void close() {
    threads.shutdownNow();
    for (Made made : handlers.values()) {
      if (made.handler() instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception e) {
          System.err.println(made.function().id() + " can't be closed: " + e);
        }
      }
    }
  }
}
