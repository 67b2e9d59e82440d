package dev.asyncitems.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/**
 * Lambda's Runtime API for one function ("Using the Lambda runtime API for custom runtimes",
 * 2018-06-01). Only one thread may use it.
 */
final class RuntimeApi implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private final HttpServer server;
  private final BlockingQueue<byte[]> events = new SynchronousQueue<>();
  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

  RuntimeApi() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/2018-06-01/runtime/", this::handle);
    server.start();
  }

  /** Returns the value of {@code AWS_LAMBDA_RUNTIME_API}. */
  String address() {
    return server.getAddress().getAddress().getHostAddress() + ":" + server.getAddress().getPort();
  }

  /**
   * Passes an event to the function as soon as it asks for one, and returns the response.
   *
   * @throws IllegalStateException if the function failed, or took more than a minute
   */
  String invoke(byte[] event) throws InterruptedException {
    if (!events.offer(event, LONGEST.toSeconds(), TimeUnit.SECONDS)) {
      Outcome early = outcomes.poll();
      throw new IllegalStateException(
          early == null ? "the function asked for no event" : early.body);
    }
    Outcome outcome = outcomes.poll(LONGEST.toSeconds(), TimeUnit.SECONDS);
    if (outcome == null || !outcome.path.endsWith("/response")) {
      throw new IllegalStateException(
          outcome == null ? "the function sent no response" : outcome.path + ": " + outcome.body);
    }
    return outcome.body;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (!path.endsWith("/next")) {
        outcomes.add(new Outcome(path, new String(body, StandardCharsets.UTF_8)));
        exchange.sendResponseHeaders(202, -1);
        return;
      }
      byte[] event = events.take();
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Type", "application/json"); // the client crashes without one
      headers.set("Lambda-Runtime-Aws-Request-Id", UUID.randomUUID().toString());
      headers.set(
          "Lambda-Runtime-Deadline-Ms",
          String.valueOf(Instant.now().plusSeconds(10).toEpochMilli()));
      headers.set(
          "Lambda-Runtime-Invoked-Function-Arn",
          "arn:aws:lambda:us-east-1:123456789012:function:f");
      headers.set("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0");
      exchange.sendResponseHeaders(200, event.length);
      exchange.getResponseBody().write(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private record Outcome(String path, String body) {}
}
