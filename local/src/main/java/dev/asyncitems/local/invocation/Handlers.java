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

/** The handler objects of a run. Concurrent calls of a function share one object. Thread-safe. */
public final class Handlers implements AutoCloseable {

  /** Lambda's limit for the event and the response of a synchronous invocation, in bytes. */
  public static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

  private static final ScopedValue<String> REQUEST = ScopedValue.newInstance();

  private final Template template;
  private final java.util.function.Function<Function, Map<String, String>> environments;
  private final Clock clock;
  private final InjectedFailures failures;
  private final InvocationListener listener;
  private final ExecutorService threads;
  private volatile Generation current;

  /**
   * Creates the handler of every function. Calls the first of these public constructors that
   * exists: {@code (Map<String, String> environment, Clock clock)}, {@code (Map<String, String>
   * environment)} or {@code ()}.
   *
   * @param failures the failures to inject
   * @param classes the loader of the handler classes
   * @throws TemplateException if a class is missing, is not a handler or cannot be instantiated
   */
  public Handlers(
      Template template,
      java.util.function.Function<Function, Map<String, String>> environments,
      Clock clock,
      InjectedFailures failures,
      ClassLoader classes,
      InvocationListener listener) {
    this.template = template;
    this.environments = environments;
    this.clock = clock;
    this.failures = failures;
    this.listener = listener;
    this.current = Generation.make(template.functions(), environments, clock, failures, classes);
    // The executor comes last, because creating handlers may fail.
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
  }

  /**
   * Creates every handler again, from the classes of another loader. The old handlers are closed
   * after their running invocations. If creating one fails, the old handlers stay in use.
   *
   * @throws TemplateException if a class is missing, is not a handler or cannot be instantiated
   */
  public synchronized void reload(ClassLoader classes) {
    Generation next = Generation.make(template.functions(), environments, clock, failures, classes);
    Generation before = current;
    current = next;
    before.retire();
  }

  /** Returns the request id of the invocation on this thread, if any. */
  public static Optional<String> currentRequest() {
    return REQUEST.isBound() ? Optional.of(REQUEST.get()) : Optional.empty();
  }

  public Map<String, String> environment(String functionId) {
    return current.instance(functionId).environment();
  }

  /** Invokes a function with a new request id and the template's timeout. */
  public byte[] invoke(String functionId, byte[] event) {
    return invoke(functionId, event, timeout(functionId));
  }

  /** Invokes a function with a new request id. */
  public byte[] invoke(String functionId, byte[] event, Duration timeout) {
    return invoke(functionId, UUID.randomUUID().toString(), event, timeout);
  }

  public Duration timeout(String functionId) {
    return template.function(functionId).timeout();
  }

  /**
   * Invokes a function and returns its response. Interrupts the function at the timeout.
   *
   * @throws InvocationException if the function throws, times out or returns more than 6 MB
   */
  public byte[] invoke(String functionId, String requestId, byte[] event, Duration timeout) {
    Generation generation = enter();
    try {
      Generation.Instance instance = generation.instance(functionId);
      listener.began(functionId, requestId, event, !instance.called().getAndSet(true));
      long begin = System.nanoTime();
      try {
        byte[] answer = call(instance, requestId, event, timeout);
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
    while (!generation.enter()) { // A reload has retired this generation.
      generation = current;
    }
    return generation;
  }

  private byte[] call(
      Generation.Instance instance, String requestId, byte[] event, Duration timeout) {
    String functionId = instance.function().id();
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    long deadline = System.nanoTime() + timeout.toNanos();
    InvocationContext context = new InvocationContext(instance.function(), requestId, deadline);
    ScopedValue.CallableOp<byte[], IOException> handling =
        () -> {
          if (!instance.failsInside()) {
            failures.check(functionId);
          }
          instance.handler().handleRequest(new ByteArrayInputStream(event), answer, context);
          return answer.toByteArray();
        };
    Callable<byte[]> call =
        () -> {
          Thread.currentThread()
              .setContextClassLoader(instance.handler().getClass().getClassLoader());
          return ScopedValue.where(REQUEST, requestId).call(handling);
        };
    Future<byte[]> future = threads.submit(call);
    try {
      byte[] bytes = future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (bytes.length > PAYLOAD_LIMIT) {
        throw InvocationException.failed(functionId, new IOException("the response exceeds 6 MB"));
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

  @Override
  public void close() {
    threads.shutdownNow();
    current.close();
  }
}
