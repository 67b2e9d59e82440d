package dev.asyncitems.local.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.http.JwtAuthorizer.Outcome;
import dev.asyncitems.local.http.JwtAuthorizer.Outcome.Granted;
import dev.asyncitems.local.json.Json;
import dev.asyncitems.local.template.Access;
import dev.asyncitems.local.template.Cors;
import dev.asyncitems.local.template.Route;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Serves the routes on a local port. Each request has a virtual thread. Thread-safe. */
public final class HttpFront implements AutoCloseable {

  /** What API Gateway takes of request line and headers together, in bytes. */
  private static final int HEAD_LIMIT = 10_240;

  /** What is read of a head at all: over this Jetty refuses it itself. */
  private static final int HEAD_BUFFER = 64 * 1024;

  /** What is read of a body that is too large anyhow, so that its sender sees the answer. */
  private static final int DRAIN_LIMIT = 64 * 1024 * 1024;

  private static final Set<String> NOT_PASSED_BACK =
      Set.of("connection", "content-length", "keep-alive", "transfer-encoding", "upgrade");

  /**
   * Requests that functions work on at a time; the others wait in the order in which they came. In
   * one JVM, all functions share this machine's processors and one DynamoDB: many more at a time
   * make every call slower than the functions' own time limits.
   */
  static final int CONCURRENCY = 4 * Runtime.getRuntime().availableProcessors();

  /** Requests that wait at a time. */
  private static final int WAITING_LIMIT = 10_000;

  /** How long a request waits before it is refused. Its function was not called then. */
  private static final Duration WAITING_TIME = Duration.ofMinutes(1);

  /** How the front's own failures are told. */
  private static final String NAME = "The local front";

  private final Server server;
  private final ServerConnector connector;
  private final ExecutorService threads;
  private final Handler.Sequence handlers = new Handler.Sequence();

  /** Is told of failures. */
  public interface Failures {

    /**
     * Something threw.
     *
     * @param name whose failure it is, such as a function's logical id
     */
    void failed(String name, String requestId, Throwable why);
  }

  /** What the front calls. */
  public interface Functions extends Failures {

    /** Calls a function with an event, see {@code Handlers}. */
    byte[] invoke(String functionId, String requestId, byte[] event, Duration timeout);

    /** Whether what {@link #invoke} threw was that the function's time ran out. */
    boolean isTimeout(RuntimeException failure);

    /** What to tell of an answer. */
    void answered(String method, String path, int status, String functionId, Duration time);
  }

  private HttpFront(Server server, ServerConnector connector, ExecutorService threads) {
    this.server = server;
    this.connector = connector;
    this.threads = threads;
  }

  /**
   * Takes the port; connections wait until {@link #serve}.
   *
   * @param port 0 takes a free one
   * @param failures is told when the front itself, or a handler before the routes, throws
   * @throws IOException if the port can't be had
   */
  public static HttpFront open(String host, int port, Failures failures) throws IOException {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    QueuedThreadPool pool = new QueuedThreadPool(16, 4);
    pool.setName("http");
    pool.setDaemon(true);
    pool.setVirtualThreadsExecutor(threads);
    Server server = new Server(pool);
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(HEAD_BUFFER);
    http.setResponseHeaderSize(HEAD_BUFFER);
    http.setSendServerVersion(false);
    http.setUriCompliance(UriCompliance.UNSAFE);
    http.setHttpCompliance(HttpCompliance.RFC7230_LEGACY);
    http.setHeaderCacheCaseSensitive(true); // or charset=utf-8 would become charset=UTF-8
    server.setStopTimeout(0);
    server.setErrorHandler(new Refusals(failures));
    try {
      return new HttpFront(server, listen(server, http, host, port), threads);
    } catch (IOException e) {
      threads.shutdownNow();
      throw e;
    }
  }

  /** Takes the port at each of the host's addresses; gives the connector of the first. */
  private static ServerConnector listen(
      Server server, HttpConfiguration http, String host, int port) throws IOException {
    List<ServerConnector> connectors = new ArrayList<>();
    for (int attempt = 1; ; attempt++) {
      try {
        for (String address : Loopback.addresses(host)) {
          ServerConnector connector = new ServerConnector(server, 1, 1, new RawHttp(http));
          connector.setHost(address);
          connector.setPort(connectors.isEmpty() ? port : connectors.getFirst().getLocalPort());
          connector.setIdleTimeout(60_000);
          connector.setAcceptQueueSize(1_024);
          connector.open();
          connectors.add(connector);
        }
        connectors.forEach(server::addConnector);
        return connectors.getFirst();
      } catch (IOException e) {
        connectors.forEach(ServerConnector::close);
        connectors.clear();
        // a port that is free at the first address may not be at another
        if (port != 0 || attempt == 20) {
          throw e;
        }
      }
    }
  }

  /** Asks that handler before the routes; to be called before {@link #serve}. */
  public void before(Handler handler) {
    handlers.addHandler(handler);
  }

  /** The target of a request as it was sent: Jetty sees another. */
  public static String target(Request request) {
    return Front.target(request);
  }

  /**
   * Starts to answer.
   *
   * @param basePath what clients put before the routes' paths, such as {@code /v1}; may be empty
   * @param slashesMatch whether a path that ends in a slash matches the route without it
   * @param guard whom it answers to
   * @param cors what pages of other origins may do
   * @param stageVariables what events carry from the API's stage
   * @param payloadLimit what an event may have at most, in bytes
   */
  public void serve(
      List<Route> routes,
      String basePath,
      boolean slashesMatch,
      Guard guard,
      Optional<Cors> cors,
      Map<String, String> stageVariables,
      int payloadLimit,
      String account,
      Clock clock,
      Functions functions) {
    handlers.addHandler(
        new Front(
            new RouteTable(routes, slashesMatch),
            basePath,
            guard,
            new CrossOrigin(cors),
            stageVariables,
            payloadLimit,
            account,
            clock,
            functions));
    server.setHandler(handlers);
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Where it listens. */
  public URI uri() {
    String host = connector.getHost();
    return URI.create(
        "http://"
            + (host.contains(":") ? "[" + host + "]" : host)
            + ":"
            + connector.getLocalPort());
  }

  @Override
  public void close() {
    try {
      for (Connector one : server.getConnectors()) {
        ((ServerConnector) one).close();
      }
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      threads.shutdownNow();
    }
  }

  private static ObjectNode problem(int status, String detail, String requestId) {
    ObjectNode problem = JsonNodeFactory.instance.objectNode();
    String title = HttpStatus.getMessage(status);
    problem.put("type", "about:blank");
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", detail);
    problem.put("message", title);
    problem.put("requestId", requestId);
    return problem;
  }

  private static final class Front extends Handler.Abstract {

    private final RouteTable routes;
    private final String basePath;
    private final Guard guard;
    private final CrossOrigin crossOrigin;
    private final Map<String, String> stageVariables;
    private final JwtAuthorizer authorizer;
    private final int payloadLimit;
    private final String account;
    private final Clock clock;
    private final Functions functions;
    private final Semaphore places = new Semaphore(CONCURRENCY, true);

    Front(
        RouteTable routes,
        String basePath,
        Guard guard,
        CrossOrigin crossOrigin,
        Map<String, String> stageVariables,
        int payloadLimit,
        String account,
        Clock clock,
        Functions functions) {
      this.routes = routes;
      this.basePath = basePath;
      this.guard = guard;
      this.crossOrigin = crossOrigin;
      this.stageVariables = Map.copyOf(stageVariables);
      this.authorizer = new JwtAuthorizer(clock);
      this.payloadLimit = payloadLimit;
      this.account = account;
      this.clock = clock;
      this.functions = functions;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      long begin = System.nanoTime();
      String requestId = UUID.randomUUID().toString();
      String target = target(request);
      Answer answer = answer(request, target, requestId);
      functions.answered(
          request.getMethod(),
          target,
          answer.reply().status(),
          answer.by(),
          Duration.ofNanos(System.nanoTime() - begin));
      Reply added = crossOrigin.added(answer.reply(), request.getMethod(), byName(request));
      write(request, response, callback, added, requestId);
      return true;
    }

    /** A reply, and the function that it is of. */
    private record Answer(Reply reply, String by) {
      static Answer ofFront(Reply reply) {
        return new Answer(reply, "-");
      }
    }

    private Answer answer(Request request, String target, String requestId) {
      if (headSize(request, target) > HEAD_LIMIT) {
        return Answer.ofFront(
            refuse(431, "Request line and headers have over 10,240 bytes.", requestId));
      }
      Optional<byte[]> body;
      try {
        body = body(request);
      } catch (IOException e) { // its chunks are malformed, say, or its end never came
        return Answer.ofFront(refuse(400, "The body can't be read.", requestId));
      }
      if (body.isEmpty()) {
        return Answer.ofFront(refuse(413, "The body has over 6 MB.", requestId));
      }
      Optional<String> refusal =
          guard
              .host(Guard.values(request.getHeaders()))
              .or(() ->
                  crossOrigin.refusal(request.getMethod(), Guard.values(request.getHeaders())));
      if (refusal.isPresent()) {
        return Answer.ofFront(refuse(403, refusal.get(), requestId));
      }
      int mark = target.indexOf('?');
      String wholePath = mark < 0 ? target : target.substring(0, mark);
      if (!basePath.isEmpty() && !(wholePath + "/").startsWith(basePath + "/")) {
        // As a custom domain answers where none of its API mappings matches.
        return Answer.ofFront(gateway(403, "Forbidden"));
      }
      String path = wholePath.substring(basePath.length());
      String query = mark < 0 ? "" : target.substring(mark + 1);
      Optional<RouteTable.Match> match = routes.find(request.getMethod(), path);
      if (match.isEmpty()) {
        return Answer.ofFront(
            crossOrigin.answers(request.getMethod(), byName(request))
                ? new Reply(204, List.of(), new byte[0])
                : gateway(404, "Not Found"));
      }
      Route route = match.get().route();
      Optional<Granted> granted = Optional.empty();
      if (route.access().isPresent()) {
        Access access = route.access().get();
        Optional<String> header = Optional.ofNullable(request.getHeaders().get("Authorization"));
        switch (authorizer.check(access, header)) {
          case Granted good -> granted = Optional.of(good);
          case Outcome.Unauthorized() -> {
            return Answer.ofFront(gateway(401, "Unauthorized", "Bearer"));
          }
          case Outcome.Forbidden() -> {
            String scopes = String.join(" ", access.scopes());
            return Answer.ofFront(
                gateway(
                    403,
                    "Forbidden",
                    "Bearer scope=\"" + scopes + "\" error=\"insufficient_scope\""));
          }
          case Outcome.Unknown(IOException why) -> {
            functions.failed(access.authorizerId(), requestId, why);
            return Answer.ofFront(refuse(500, "The issuer of tokens can't be asked.", requestId));
          }
        }
      }
      HttpEvent.Request sent =
          new HttpEvent.Request(
              request.getMethod(),
              path,
              query,
              request.getConnectionMetaData().getProtocol(),
              headers(request),
              body.get(),
              Request.getRemoteAddr(request),
              Request.getLocalPort(request));
      byte[] event =
          HttpEvent.of(
              sent,
              match.get(),
              new HttpEvent.Surroundings(
                  account, "local", requestId, clock.instant(), stageVariables),
              granted);
      if (event.length > payloadLimit) {
        return Answer.ofFront(refuse(413, "The body has over 6 MB.", requestId));
      }
      return new Answer(call(route, requestId, event), route.functionId());
    }

    private static Reply gateway(int status, String message) {
      return new Reply(
          status,
          List.of(Map.entry("content-type", "application/json")),
          ("{\"message\":\"" + message + "\"}").getBytes(StandardCharsets.UTF_8));
    }

    private static Reply gateway(int status, String message, String challenge) {
      Reply reply = gateway(status, message);
      List<Map.Entry<String, String>> headers = new ArrayList<>(reply.headers());
      headers.add(Map.entry("www-authenticate", challenge));
      return new Reply(status, headers, reply.body());
    }

    /**
     * Calls the function once it is this request's turn, and only then begins to count its time.
     */
    private Reply call(Route route, String requestId, byte[] event) {
      if (!enter()) {
        return refuse(503, "Too many requests wait for the functions.", requestId);
      }
      try {
        return Reply.of(functions.invoke(route.functionId(), requestId, event, route.timeout()));
      } catch (RuntimeException e) {
        functions.failed(route.functionId(), requestId, e);
        return functions.isTimeout(e)
            ? refuse(503, "The function did not answer in time.", requestId)
            : refuse(500, "The function failed.", requestId);
      } catch (IOException e) {
        functions.failed(route.functionId(), requestId, e);
        return refuse(500, "The function's answer is none.", requestId);
      } finally {
        places.release();
      }
    }

    private boolean enter() {
      try {
        return places.getQueueLength() < WAITING_LIMIT
            && places.tryAcquire(WAITING_TIME.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) { // the front is being closed
        Thread.currentThread().interrupt();
        return false;
      }
    }

    private static Reply refuse(int status, String detail, String requestId) {
      return new Reply(
          status,
          List.of(Map.entry("content-type", "application/problem+json")),
          Json.bytes(problem(status, detail, requestId)));
    }

    /** The request's target as it was sent; of an absolute one, what follows the authority. */
    private static String target(Request request) {
      String target = RawHttp.target(request);
      int scheme = target.indexOf("://");
      if (scheme > 0 && !target.startsWith("/")) {
        int slash = target.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : target.substring(slash);
      }
      return target;
    }

    private static int headSize(Request request, String target) {
      int size = request.getMethod().length() + target.length() + "  HTTP/1.1\r\n\r\n".length();
      for (HttpField field : request.getHeaders()) {
        String value = field.getValue();
        size += field.getName().length() + (value == null ? 0 : value.length()) + ": \r\n".length();
      }
      return size;
    }

    private static List<Map.Entry<String, String>> headers(Request request) {
      List<Map.Entry<String, String>> headers = new ArrayList<>();
      for (HttpField field : request.getHeaders()) {
        String value = field.getValue();
        headers.add(Map.entry(field.getName(), value == null ? "" : value));
      }
      return headers;
    }

    private static Map<String, String> byName(Request request) {
      Map<String, String> headers = new HashMap<>();
      headers(request)
          .forEach(header ->
              headers.putIfAbsent(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
      return headers;
    }

    /** The body; none if it is too large. */
    private Optional<byte[]> body(Request request) throws IOException {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      byte[] buffer = new byte[16 * 1024];
      long size = 0;
      try (InputStream in = Content.Source.asInputStream(request)) {
        for (int n = in.read(buffer); n >= 0 && size < DRAIN_LIMIT; n = in.read(buffer)) {
          size += n;
          if (size <= payloadLimit) {
            body.write(buffer, 0, n);
          }
        }
      }
      return size > payloadLimit ? Optional.empty() : Optional.of(body.toByteArray());
    }

    private static void write(
        Request request, Response response, Callback callback, Reply reply, String requestId) {
      response.setStatus(reply.status());
      for (Map.Entry<String, String> header : reply.headers()) {
        if (NOT_PASSED_BACK.stream().noneMatch(name -> Reply.isNamed(header, name))) {
          response.getHeaders().add(header.getKey(), header.getValue());
        }
      }
      response.getHeaders().put("apigw-requestid", requestId);
      boolean bodiless =
          reply.status() == 204 || reply.status() == 304 || request.getMethod().equals("HEAD");
      if (!bodiless || request.getMethod().equals("HEAD")) {
        response.getHeaders().put("content-length", reply.body().length);
      }
      response.write(true, bodiless ? null : ByteBuffer.wrap(reply.body()), callback);
    }
  }

  /**
   * Answers what no handler has answered: requests that can't be read, and failures of a handler.
   */
  private static final class Refusals extends ErrorHandler {

    private final Failures failures;

    Refusals(Failures failures) {
      this.failures = failures;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      String requestId = UUID.randomUUID().toString();
      Object why = request.getAttribute(ERROR_EXCEPTION);
      ObjectNode problem;
      if (why instanceof Throwable failure && !(why instanceof HttpException)) {
        failures.failed(NAME, requestId, failure);
        problem = problem(500, NAME + " failed: " + failure, requestId);
        // a developer's machine shows what production would keep to its log
        StringWriter stack = new StringWriter();
        failure.printStackTrace(new PrintWriter(stack));
        ArrayNode lines = problem.putArray("stackTrace");
        stack.toString().lines().map(String::strip).forEach(lines::add);
      } else {
        String reason = why instanceof HttpException http ? http.getReason() : null;
        problem =
            problem(
                clientsStatus(response.getStatus()),
                "The request can't be read" + (reason == null ? "." : ": " + reason),
                requestId);
      }
      response.setStatus(problem.path("status").intValue());
      response.getHeaders().put("content-type", "application/problem+json");
      response.write(true, ByteBuffer.wrap(Json.bytes(problem)), callback);
      return true;
    }

    /** An HTTP version that isn't known, say, is a 505 to Jetty, but the client's fault. */
    private static int clientsStatus(int status) {
      if (status == HttpStatus.URI_TOO_LONG_414) {
        return HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431;
      }
      return status >= 400 && status < 500 ? status : 400;
    }
  }
}
