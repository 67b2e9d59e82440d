package dev.asyncitems.faults;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.lambda.TestContext;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Contract;
import dev.asyncitems.system.FaultProxy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A Lambda execution environment: a handler object and a proxy for its calls. After a kill, its
 * calls no longer reach the engines. Thread-safe.
 */
final class Sandbox implements AutoCloseable {
  private final FaultProxy proxy;
  private final RequestStreamHandler handler;

  private Sandbox(FaultProxy proxy, RequestStreamHandler handler) {
    this.proxy = proxy;
    this.handler = handler;
  }

  /** Starts a new environment of a function in the run's template. */
  static Sandbox of(LocalRun run, String functionId, Clock clock) {
    try {
      FaultProxy proxy = FaultProxy.to(run.dynamoDbEndpoint(), run.sqsEndpoint());
      Map<String, String> environment = new HashMap<>(run.environment(functionId));
      environment.putAll(proxy.environment());
      Class<?> type = Class.forName("dev.asyncitems.function." + functionId);
      Object handler = type.getConstructor(Map.class, Clock.class).newInstance(environment, clock);
      return new Sandbox(proxy, (RequestStreamHandler) handler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(functionId + " can't be made", e);
    }
  }

  /** Returns the proxy between the environment and the engines. */
  FaultProxy proxy() {
    return proxy;
  }

  /**
   * Invokes the handler.
   *
   * @throws RuntimeException if the handler throws it
   */
  byte[] invoke(byte[] event, Duration left) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try {
      handler.handleRequest(
          new ByteArrayInputStream(event), answer, new TestContext((int) left.toMillis()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Contract.served().check(event, answer.toByteArray());
    return answer.toByteArray();
  }

  /**
   * Kills the environment: first its calls to the engines, then everything else.
   *
   * <p>The connections break last. The SDK would ask for another connection at once, and the native
   * HTTP client aborts the JVM if that happens while it closes.
   */
  void kill() {
    proxy.cut();
    try {
      ((AutoCloseable) handler).close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      proxy.close();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
