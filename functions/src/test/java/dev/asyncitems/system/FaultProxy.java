package dev.asyncitems.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands between functions and an engine, and does to calls what a test tells it to; the others it
 * passes on. Thread-safe.
 */
final class FaultProxy implements AutoCloseable {
  private static final Set<String> NOT_PASSED_ON =
      Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads).build();
  private final HttpServer server;
  private final List<Rule> rules = new ArrayList<>();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private volatile @Nullable URI target;

  /**
   * A call of AWS's JSON protocol.
   *
   * @param action such as {@code UpdateItem}
   */
  record Call(String action, String body) {
    /** Whether a call is of that action. */
    static Predicate<Call> of(String action) {
      return call -> call.action().equals(action);
    }
  }

  /** The engine's answer. */
  record Answered(int status, String type, String body) {}

  /** What becomes of a call. */
  @FunctionalInterface
  interface Fault {
    /** Nothing happens to it. */
    Fault PASS = (call, engine) -> Optional.of(engine.call());

    /** It takes effect, and the connection breaks before its answer is there. */
    Fault DROP_ANSWER =
        (call, engine) -> {
          engine.call();
          return Optional.empty();
        };

    /** The connection breaks before it has any effect. */
    Fault REFUSE = (call, engine) -> Optional.empty();

    /** The engine answers that it can't now. */
    Fault UNAVAILABLE = answer(503, "{\"__type\":\"ServiceUnavailable\"}");

    /** Its answer is empty to break the connection. */
    Optional<Answered> apply(Call call, Callable<Answered> engine) throws Exception;

    /** It has no effect, and this answer. */
    static Fault answer(int status, String body) {
      return (call, engine) ->
          Optional.of(new Answered(status, "application/x-amz-json-1.0", body));
    }

    /** It waits, and is then passed on. */
    static Fault hold(CountDownLatch until) {
      return (call, engine) -> {
        until.await();
        return Optional.of(engine.call());
      };
    }
  }

  private record Rule(Predicate<Call> which, Queue<Fault> next, @Nullable Fault always) {}

  private FaultProxy() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** A proxy whose engine isn't known yet; {@link #target} is to follow before the first call. */
  static FaultProxy open() throws IOException {
    return new FaultProxy();
  }

  /** A proxy for the engine that answers there. */
  static FaultProxy to(URI engine) throws IOException {
    FaultProxy proxy = open();
    proxy.target(engine);
    return proxy;
  }

  void target(URI engine) {
    target = engine;
  }

  URI uri() {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getHostString() + ":" + address.getPort());
  }

  /** What becomes of the next calls of an action, in their order. */
  void next(String action, Fault... faults) {
    next(Call.of(action), faults);
  }

  /** What becomes of the next calls of a kind, in their order. */
  synchronized void next(Predicate<Call> which, Fault... faults) {
    rules.add(new Rule(which, new ArrayDeque<>(Arrays.asList(faults)), null));
  }

  /** What becomes of all calls of an action for which nothing else was told. */
  void always(String action, Fault fault) {
    always(Call.of(action), fault);
  }

  /** What becomes of all calls of a kind for which nothing else was told. */
  synchronized void always(Predicate<Call> which, Fault fault) {
    rules.add(new Rule(which, new ArrayDeque<>(), fault));
  }

  /** Lets everything pass from now on. */
  synchronized void heal() {
    rules.clear();
  }

  /** The calls that came, in their order, whatever became of them. */
  List<Call> calls() {
    return calls;
  }

  private synchronized Fault faultFor(Call call) {
    Optional<Rule> due =
        rules.stream()
            .filter(rule -> !rule.next().isEmpty() && rule.which().test(call))
            .findFirst();
    if (due.isPresent()) {
      return due.get().next().remove();
    }
    for (Rule rule : rules) {
      if (rule.always() != null && rule.which().test(call)) {
        return rule.always();
      }
    }
    return Fault.PASS;
  }

  private void handle(HttpExchange exchange) throws IOException {
    // closed without an answer, the connection breaks
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String name =
          Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Amz-Target")).orElse("");
      Call call =
          new Call(name.substring(name.indexOf('.') + 1), new String(body, StandardCharsets.UTF_8));
      calls.add(call);
      Optional<Answered> answer = faultFor(call).apply(call, () -> passOn(exchange, body));
      if (answer.isPresent()) {
        exchange.getResponseHeaders().set("Content-Type", answer.get().type());
        byte[] bytes = answer.get().body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.get().status(), bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private Answered passOn(HttpExchange exchange, byte[] body)
      throws IOException, InterruptedException {
    URI engine = target;
    if (engine == null) {
      throw new IOException("no engine yet");
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(engine.resolve(exchange.getRequestURI()))
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> request.header(name, value));
          }
        });
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answered(
        response.statusCode(),
        response.headers().firstValue("Content-Type").orElse("application/x-amz-json-1.0"),
        response.body());
  }

  /** Breaks all connections. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    client.shutdownNow();
    client.close();
  }
}
