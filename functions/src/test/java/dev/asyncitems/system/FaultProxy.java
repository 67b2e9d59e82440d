package dev.asyncitems.system;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between functions and engines. It passes calls on, except where a test sets a fault.
 * Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {
  private static final Set<String> NOT_PASSED_ON =
      Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads).build();
  private final Server server;
  private final ServerConnector connector;
  private final List<Rule> rules = new ArrayList<>();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Map<String, URI> targets = new ConcurrentHashMap<>();
  private final Set<EndPoint> stale = ConcurrentHashMap.newKeySet();
  private volatile Function<Call, Fault> plan = call -> Fault.PASS;
  private volatile Witness witness = (call, answer) -> {};
  private volatile boolean recording = true;
  private final Phaser underWay = new Phaser(1);
  private volatile boolean cut;

  /**
   * A call in AWS's JSON protocol.
   *
   * @param service the service, such as {@code DynamoDB} or {@code SQS}
   * @param action the action, such as {@code UpdateItem}
   */
  public record Call(String service, String action, String body) {
    public static final String DYNAMODB = "DynamoDB";
    public static final String SQS = "SQS";

    /** Returns a predicate for calls of an action. */
    public static Predicate<Call> of(String action) {
      return call -> call.action().equals(action);
    }

    // Examples of targets: DynamoDB_20120810.UpdateItem, AmazonSQS.SendMessage.
    private static Call of(@Nullable String target, String body) {
      String name = target == null ? "" : target;
      String service = name.startsWith("AmazonSQS") ? SQS : DYNAMODB;
      return new Call(service, name.substring(name.indexOf('.') + 1), body);
    }
  }

  /**
   * An answer of an engine.
   *
   * @param headers headers in addition to the usual headers of the service
   */
  public record Answered(int status, String type, String body, Map<String, String> headers) {
    public Answered(int status, String type, String body) {
      this(status, type, body, Map.of());
    }
  }

  /** Observes the engine's answers, even if the caller never receives them. */
  @FunctionalInterface
  public interface Witness {
    /** Observes an answer before it is passed on. */
    void answered(Call call, Answered answer);

    /** Observes a call before the engine receives it. */
    default void called(Call call) {}
  }

  /** The engine that a call is for. */
  public interface Engine extends Callable<Answered> {
    /** Passes the call on unchanged. */
    @Override
    Answered call() throws IOException, InterruptedException;

    /** Passes the call on with another body. */
    Answered call(String body) throws IOException, InterruptedException;
  }

  /** A fault that a call meets. */
  @FunctionalInterface
  public interface Fault {
    /** Passes the call without a fault. */
    Fault PASS = (call, engine) -> Optional.of(engine.call());

    /** The call takes effect, but the connection breaks before the answer. */
    Fault DROP_ANSWER =
        (call, engine) -> {
          engine.call();
          return Optional.empty();
        };

    /** The connection breaks before the call has an effect. */
    Fault REFUSE = (call, engine) -> Optional.empty();

    /** The engine answers that it is unavailable. */
    Fault UNAVAILABLE = answer(503, "{\"__type\":\"ServiceUnavailable\"}");

    /** Cancels a transaction with one action because of a conflict. */
    Fault CONFLICT =
        answer(
            400,
            "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\","
                + "\"CancellationReasons\":[{\"Code\":\"TransactionConflict\"}]}");

    /**
     * The call has no effect and no answer. The connection stays open until the proxy is closed.
     */
    Fault HANG =
        (call, engine) -> {
          new CountDownLatch(1).await();
          return Optional.empty();
        };

    /** Returns the answer, or empty to break the connection. */
    Optional<Answered> apply(Call call, Engine engine) throws Exception;

    /** Returns a fault that answers this without an effect. */
    static Fault answer(int status, String body) {
      return (call, engine) ->
          Optional.of(new Answered(status, "application/x-amz-json-1.0", body));
    }

    /** Returns a fault that waits and then passes the call on. */
    static Fault hold(CountDownLatch until) {
      return (call, engine) -> {
        until.await();
        return Optional.of(engine.call());
      };
    }
  }

  private record Rule(Predicate<Call> which, Queue<Fault> next, @Nullable Fault always) {}

  private FaultProxy() throws IOException {
    QueuedThreadPool pool = new QueuedThreadPool(16, 2);
    pool.setName("faults");
    pool.setDaemon(true);
    server = new Server(pool);
    server.setStopTimeout(0);
    connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(
        new Handler.Abstract.NonBlocking() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            // A test may hold calls for long, so they need threads outside the server's pool.
            threads.execute(() -> serve(request, response, callback));
            return true;
          }
        });
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /** Returns a proxy without an engine. Call {@link #target} before the first call. */
  public static FaultProxy open() throws IOException {
    return new FaultProxy();
  }

  /** Returns a proxy for the engine at an address. */
  public static FaultProxy to(URI engine) throws IOException {
    FaultProxy proxy = open();
    proxy.target(engine);
    return proxy;
  }

  /** Returns a proxy for both engines, which distinguishes their calls. */
  public static FaultProxy to(URI dynamoDb, URI sqs) throws IOException {
    FaultProxy proxy = open();
    proxy.targets(dynamoDb, sqs);
    return proxy;
  }

  public void target(URI engine) {
    targets(engine, engine);
  }

  public void targets(URI dynamoDb, URI sqs) {
    targets.put(Call.DYNAMODB, dynamoDb);
    targets.put(Call.SQS, sqs);
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  /** Returns the variables that direct a function's calls to this proxy. */
  public Map<String, String> environment() {
    return Map.of(
        "AWS_ENDPOINT_URL_DYNAMODB", uri().toString(), "AWS_ENDPOINT_URL_SQS", uri().toString());
  }

  /** Sets the faults of the next calls of an action, in order. */
  public void next(String action, Fault... faults) {
    next(Call.of(action), faults);
  }

  /** Sets the faults of the next calls that match, in order. */
  public synchronized void next(Predicate<Call> which, Fault... faults) {
    rules.add(new Rule(which, new ArrayDeque<>(Arrays.asList(faults)), null));
  }

  /** Sets the fault of all calls of an action that have no other rule. */
  public void always(String action, Fault fault) {
    always(Call.of(action), fault);
  }

  /** Sets the fault of all matching calls that have no other rule. */
  public synchronized void always(Predicate<Call> which, Fault fault) {
    rules.add(new Rule(which, new ArrayDeque<>(), fault));
  }

  /** Sets the faults of all calls without a rule. */
  public void plan(Function<Call, Fault> faults) {
    plan = faults;
  }

  /** Removes all faults. */
  public synchronized void heal() {
    rules.clear();
    plan = call -> Fault.PASS;
  }

  /** Sets the witness of all calls from now on, replacing the previous one. */
  public void witness(Witness each) {
    witness = each;
  }

  /** Returns all calls in the order of their arrival, whatever their faults. */
  public List<Call> calls() {
    return calls;
  }

  /** Stops recording calls, for long runs. */
  public void forgetCalls() {
    recording = false;
    calls.clear();
  }

  /**
   * Blocks all further calls. Returns after the engines have answered all earlier calls and the
   * witness has seen the answers.
   */
  public void cut() {
    cut = true;
    underWay.arriveAndAwaitAdvance();
  }

  /** Returns the number of open connections to clients. */
  public int connections() {
    return connector.getConnectedEndPoints().size();
  }

  /** Closes all connections, as a server does with idle ones. */
  public void closeConnections() {
    connector.getConnectedEndPoints().forEach(EndPoint::close);
  }

  /** Sets how long later connections may be idle before the proxy closes them. */
  public void idleTimeout(Duration time) {
    connector.setIdleTimeout(time.toMillis());
  }

  /** Breaks all connections that are open now, each at its next use. */
  public void forgetConnections() {
    stale.addAll(connector.getConnectedEndPoints());
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
    return plan.apply(call);
  }

  private void serve(Request request, Response response, Callback callback) {
    try {
      EndPoint connection = request.getConnectionMetaData().getConnection().getEndPoint();
      if (stale.contains(connection)) {
        reset(connection, callback);
        return;
      }
      byte[] body = bytes(Content.Source.asByteBuffer(request));
      Call call =
          Call.of(
              request.getHeaders().get("X-Amz-Target"), new String(body, StandardCharsets.UTF_8));
      if (recording) {
        calls.add(call);
      }
      Optional<Answered> answer = faultFor(call).apply(call, new Passage(call, request));
      if (answer.isPresent()) {
        write(call, answer.get(), response, callback);
      } else {
        reset(connection, callback);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The proxy was closed.
      callback.failed(e);
    } catch (Exception e) {
      callback.failed(e);
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** Breaks a connection with a TCP reset, so that the client sees an error. */
  private static void reset(EndPoint connection, Callback callback) throws IOException {
    if (connection instanceof SocketChannelEndPoint socket) {
      socket.getChannel().setOption(StandardSocketOptions.SO_LINGER, 0);
    }
    connection.close();
    callback.failed(new IOException("reset"));
  }

  private static void write(Call call, Answered answer, Response response, Callback callback) {
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    response.setStatus(answer.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.type());
    response.getHeaders().put("x-amzn-RequestId", UUID.randomUUID().toString());
    answer.headers().forEach(response.getHeaders()::put);
    if (call.service().equals(Call.DYNAMODB)) {
      CRC32 crc = new CRC32();
      crc.update(bytes);
      response.getHeaders().put("x-amz-crc32", Long.toString(crc.getValue()));
    }
    response.write(true, ByteBuffer.wrap(bytes), callback);
  }

  private final class Passage implements Engine {
    private final Call call;
    private final Request from;

    Passage(Call call, Request from) {
      this.call = call;
      this.from = from;
    }

    @Override
    public Answered call() throws IOException, InterruptedException {
      return passOn(call, from);
    }

    @Override
    public Answered call(String body) throws IOException, InterruptedException {
      return passOn(new Call(call.service(), call.action(), body), from);
    }
  }

  private Answered passOn(Call call, Request from) throws IOException, InterruptedException {
    underWay.register();
    try {
      if (cut) {
        throw new IOException("cut");
      }
      return ask(call, from);
    } finally {
      underWay.arriveAndDeregister();
    }
  }

  private Answered ask(Call call, Request from) throws IOException, InterruptedException {
    URI engine = targets.get(call.service());
    if (engine == null) {
      throw new IOException("no engine yet");
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(engine.resolve(from.getHttpURI().getPathQuery()))
            .method(from.getMethod(), HttpRequest.BodyPublishers.ofString(call.body()));
    from.getHeaders()
        .forEach(field -> {
          if (!NOT_PASSED_ON.contains(field.getName().toLowerCase(Locale.ROOT))) {
            request.header(field.getName(), field.getValue());
          }
        });
    witness.called(call);
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    Answered answer =
        new Answered(
            response.statusCode(),
            response.headers().firstValue("Content-Type").orElse("application/x-amz-json-1.0"),
            response.body(),
            response
                .headers()
                .firstValue("x-amzn-query-error")
                .map(value -> Map.of("x-amzn-query-error", value))
                .orElse(Map.of()));
    witness.answered(call, answer);
    return answer;
  }

  /** Closes the proxy and breaks all connections. */
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      client.shutdownNow();
      client.close();
    }
  }
}
