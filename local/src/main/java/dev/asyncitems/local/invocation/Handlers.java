package dev.asyncitems.local.invocation;

import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.template.TemplateException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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

  private static final ScopedValue<String> REQUEST = ScopedValue.newInstance();

  private final Template template;
  private final java.util.function.Function<Function, Map<String, String>> environments;
  private final Clock clock;
  private final InvocationListener listener;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Generation current;

  private Handlers(
      Template template,
      java.util.function.Function<Function, Map<String, String>> environments,
      Clock clock,
      InvocationListener listener,
      Generation first) {
    this.template = template;
    this.environments = environments;
    this.clock = clock;
    this.listener = listener;
    this.current = first;
  }

  /**
   * Makes every function's handler, by the first of these constructors that its class has: {@code
   * (Map<String, String> environment, Clock clock)}, {@code (Map<String, String> environment)},
   * {@code ()}.
   *
   * @param classes where the handler classes come from
   * @throws TemplateException if a class isn't there, is no handler, or throws
   */
  public static Handlers make(
      Template template,
      java.util.function.Function<Function, Map<String, String>> environments,
      Clock clock,
      ClassLoader classes,
      InvocationListener listener) {
    Generation first = Generation.make(template.functions(), environments, clock, classes);
    return new Handlers(template, environments, clock, listener, first);
  }

  /**
   * Makes every handler anew, of other classes. Invocations under way end on the handlers before,
   * which are then closed; if one can't be made, all stay as they are.
   *
   * @throws TemplateException if a class isn't there, is no handler, or throws
   */
  public synchronized void renew(ClassLoader classes) {
    Generation next = Generation.make(template.functions(), environments, clock, classes);
    Generation before = current;
    current = next;
    before.retire();
  }

  /** The id of the request that this thread works on, if it is the one that called a handler. */
  public static Optional<String> currentRequest() {
    return REQUEST.isBound() ? Optional.of(REQUEST.get()) : Optional.empty();
  }

  /** The environment that a function was given, by its logical id. */
  public Map<String, String> environment(String functionId) {
    return current.made(functionId).environment();
  }

  /** Invokes with a new request id. See {@link #invoke(String, String, byte[], Duration)}. */
  public byte[] invoke(String functionId, byte[] event, Duration timeout) {
    return invoke(functionId, UUID.randomUUID().toString(), event, timeout);
  }

  /** The time that the template gives a function. */
  public Duration timeout(String functionId) {
    return template.function(functionId).timeout();
  }

  /**
   * Calls a function and waits for its answer.
   *
   * @throws InvocationException if it throws, or isn't done in time: then it is interrupted
   */
  public byte[] invoke(String functionId, String requestId, byte[] event, Duration timeout) {
    Generation generation = enter();
    try {
      Generation.Made made = generation.made(functionId);
      listener.began(functionId, requestId, event, !made.called().getAndSet(true));
      long begin = System.nanoTime();
      try {
        byte[] answer = call(made, requestId, event, timeout);
        listener.answered(functionId, requestId, since(begin), answer);
        return answer;
      } catch (InvocationException e) {
        listener.failed(functionId, requestId, since(begin), e);
        throw e;
      }
    } finally {
      generation.leave();
    }
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private Generation enter() {
    Generation generation = current;
    while (!generation.enter()) { // it was retired just now
      generation = current;
    }
    return generation;
  }

  private byte[] call(Generation.Made made, String requestId, byte[] event, Duration timeout) {
    String functionId = made.function().id();
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    InvocationContext context = new InvocationContext(made.function(), requestId, timeout);
    ScopedValue.CallableOp<byte[], IOException> handling =
        () -> {
          made.handler().handleRequest(new ByteArrayInputStream(event), answer, context);
          return answer.toByteArray();
        };
    Callable<byte[]> call =
        () -> {
          Thread.currentThread().setContextClassLoader(made.handler().getClass().getClassLoader());
          return ScopedValue.where(REQUEST, requestId).call(handling);
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

  /** Closes each handler that can be closed. */
  @Override
  public void close() {
    threads.shutdownNow();
    current.close();
  }
}
