package dev.asyncitems.local.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.json.Json;
import dev.asyncitems.local.template.Route;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The gateway in an HTTP server, with functions of the test. */
class GatewayTest {

  private final Scripted functions = new Scripted();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpServer server;

  GatewayTest() throws Exception {
    server = new HttpServer(0, functions);
    server.add(
        new Gateway(
            List.of(new Route("Route", "GET", "/", "Function", Duration.ofSeconds(20))),
            "",
            true,
            Guard.LOOPBACK,
            Optional.empty(),
            Map.of(),
            "000000000000",
            Clock.systemUTC(),
            functions,
            functions));
    server.serve();
  }

  @AfterEach
  void close() {
    functions.gate.release(1_000);
    http.close();
    server.close();
  }

  /** Each call waits for the gate. */
  private static final class Scripted implements Gateway.Functions, RunListener {
    final Semaphore gate = new Semaphore(0);
    final Semaphore inside = new Semaphore(0);
    final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    volatile boolean broken;

    @Override
    public byte[] invoke(String functionId, String requestId, byte[] event, Duration timeout) {
      inside.release();
      gate.acquireUninterruptibly();
      return "{}".getBytes(UTF_8);
    }

    @Override
    public void failed(String name, String requestId, Throwable why) {
      failures.add(why);
    }

    @Override
    public void answered(String method, String path, int status, String functionId, Duration time) {
      if (broken) {
        throw new IllegalStateException("scripted to fail");
      }
    }
  }

  private CompletableFuture<HttpResponse<String>> send() {
    return http.sendAsync(
        HttpRequest.newBuilder(server.uri().resolve("/")).build(), BodyHandlers.ofString());
  }

  @Test
  void aBurstWaitsForPermits() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 4 * Gateway.CONCURRENCY; i++) {
      answers.add(send());
    }
    assertThat(functions.inside.tryAcquire(Gateway.CONCURRENCY, 20, TimeUnit.SECONDS)).isTrue();
    assertThat(functions.inside.tryAcquire(500, TimeUnit.MILLISECONDS))
        .as("one more at a time")
        .isFalse();

    functions.gate.release();
    assertThat(functions.inside.tryAcquire(20, TimeUnit.SECONDS)).as("the next one").isTrue();

    functions.gate.release(answers.size());
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.get().statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aFailureOfTheServerIsA500WithAStackTrace() throws Exception {
    functions.gate.release(2);
    functions.broken = true;
    HttpResponse<String> answer = send().get();

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    var problem = Json.read(answer.body().getBytes(UTF_8));
    assertThat(problem.path("detail").asText())
        .isEqualTo("The HTTP server failed: java.lang.IllegalStateException: scripted to fail");
    assertThat(problem.path("stackTrace").path(1).asText()).contains("GatewayTest");
    assertThat(functions.failures.poll(20, TimeUnit.SECONDS)).hasMessage("scripted to fail");

    functions.broken = false;
    assertThat(send().get().statusCode()).isEqualTo(200);
    assertThat(functions.failures).isEmpty();
  }
}
