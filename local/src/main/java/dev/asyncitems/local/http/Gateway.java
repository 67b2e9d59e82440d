package dev.asyncitems.local.http;

import static java.util.Objects.requireNonNullElse;

import dev.asyncitems.local.http.JwtAuthorizer.Outcome;
import dev.asyncitems.local.http.JwtAuthorizer.Outcome.Granted;
import dev.asyncitems.local.invocation.Handlers;
import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.template.Access;
import dev.asyncitems.local.template.Cors;
import dev.asyncitems.local.template.Route;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The local API Gateway. It finds the route of a request, checks the token, calls the function and
 * returns its response. Thread-safe.
 */
public final class Gateway extends Handler.Abstract {

  /** API Gateway's limit for the request line and the headers together, in bytes. */
  private static final int HEAD_LIMIT = 10_240;

  /**
   * The maximum number of bytes to read and discard beyond a body's limit. Many clients read the
   * response only after they have sent the body.
   */
  private static final int DRAIN_LIMIT = 64 * 1024 * 1024;

  private static final Set<String> DROPPED_HEADERS =
      Set.of("connection", "content-length", "keep-alive", "transfer-encoding", "upgrade");

  /**
   * The maximum number of concurrent requests in functions. Other requests wait in FIFO order.
   * Without a limit, this machine's few processors would slow a burst of calls until all time out.
   */
  static final int CONCURRENCY = 4 * Runtime.getRuntime().availableProcessors();

  /** The maximum number of waiting requests. */
  private static final int WAITING_LIMIT = 10_000;

  /** The longest time that a request waits before the gateway rejects it. */
  private static final Duration WAITING_TIME = Duration.ofMinutes(1);

  private final RouteTable routes;
  private final String basePath;
  private final Guard guard;
  private final CrossOrigin crossOrigin;
  private final Map<String, String> stageVariables;
  private final JwtAuthorizer authorizer;
  private final String account;
  private final Clock clock;
  private final Functions functions;
  private final RunListener listener;
  private final Semaphore permits = new Semaphore(CONCURRENCY, true);

  /** The functions behind the gateway. */
  public interface Functions {

    /** Returns a function's response, or throws {@link InvocationException} if the call fails. */
    byte[] invoke(String functionId, String requestId, byte[] event, Duration timeout);
  }

  /**
   * Creates a gateway.
   *
   * @param basePath the path before the routes' paths, such as {@code /v1}; may be empty
   * @param slashesMatch whether a path that ends in a slash matches the route without the slash
   * @param guard decides which clients get a response
   * @param cors the rules for pages of other origins
   * @param stageVariables the API's stage variables, for the events
   */
  public Gateway(
      List<Route> routes,
      String basePath,
      boolean slashesMatch,
      Guard guard,
      Optional<Cors> cors,
      Map<String, String> stageVariables,
      String account,
      Clock clock,
      Functions functions,
      RunListener listener) {
    this.routes = new RouteTable(routes, slashesMatch);
    this.basePath = basePath;
    this.guard = guard;
    this.crossOrigin = new CrossOrigin(cors);
    this.stageVariables = Map.copyOf(stageVariables);
    this.authorizer = new JwtAuthorizer(clock);
    this.account = account;
    this.clock = clock;
    this.functions = functions;
    this.listener = listener;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    long begin = System.nanoTime();
    String requestId = UUID.randomUUID().toString();
    String target = HttpServer.target(request);
    Answer answer = answer(request, target, requestId);
    listener.answered(
        request.getMethod(),
        target,
        answer.reply().status(),
        answer.by(),
        Duration.ofNanos(System.nanoTime() - begin));
    Function<String, List<String>> headers = Guard.values(request.getHeaders());
    Reply added = crossOrigin.added(answer.reply(), request.getMethod(), headers);
    write(request, response, callback, added, requestId);
    return true;
  }

  /** A reply and the logical id of the function that answered, or {@code -} for the gateway. */
  private record Answer(Reply reply, String by) {
    static Answer own(Reply reply) {
      return new Answer(reply, "-");
    }
  }

  private Answer answer(Request request, String target, String requestId) {
    if (headSize(request, target) > HEAD_LIMIT) {
      return Answer.own(
          Reply.problem(431, "The request line and the headers exceed 10,240 bytes.", requestId));
    }
    Optional<byte[]> body;
    try {
      body = body(request);
    } catch (IOException e) { // The client sent malformed or incomplete chunks, for example.
      return Answer.own(Reply.problem(400, "The body can't be read.", requestId));
    }
    if (body.isEmpty()) {
      return Answer.own(Reply.problem(413, "The body has over 6 MB.", requestId));
    }
    Function<String, List<String>> headers = Guard.values(request.getHeaders());
    Optional<String> rejection =
        guard.host(headers).or(() -> crossOrigin.rejection(request.getMethod(), headers));
    if (rejection.isPresent()) {
      return Answer.own(Reply.problem(403, rejection.get(), requestId));
    }
    int mark = target.indexOf('?');
    String wholePath = mark < 0 ? target : target.substring(0, mark);
    if (!basePath.isEmpty() && !(wholePath + "/").startsWith(basePath + "/")) {
      // A custom domain answers this way if no API mapping matches.
      return Answer.own(gateway(403, "Forbidden", ""));
    }
    String path = wholePath.substring(basePath.length());
    String query = mark < 0 ? "" : target.substring(mark + 1);
    Optional<RouteTable.Match> match = routes.find(request.getMethod(), path);
    if (match.isEmpty()) {
      return Answer.own(
          crossOrigin.answers(request.getMethod(), headers)
              ? new Reply(204, List.of(), new byte[0])
              : gateway(404, "Not Found", ""));
    }
    Route route = match.get().route();
    Optional<Granted> granted = Optional.empty();
    if (route.access().isPresent()) {
      Access access = route.access().get();
      Optional<String> header = Optional.ofNullable(request.getHeaders().get("Authorization"));
      switch (authorizer.check(access, header)) {
        case Granted good -> granted = Optional.of(good);
        case Outcome.Unauthorized(String why) -> {
          listener.denied(request.getMethod(), wholePath, 401, why);
          return Answer.own(gateway(401, "Unauthorized", "Bearer"));
        }
        case Outcome.Forbidden(String why) -> {
          listener.denied(request.getMethod(), wholePath, 403, why);
          String scopes = String.join(" ", access.scopes());
          String challenge = "Bearer scope=\"" + scopes + "\" error=\"insufficient_scope\"";
          return Answer.own(gateway(403, "Forbidden", challenge));
        }
        case Outcome.Unknown(IOException why) -> {
          listener.failed(access.authorizerId(), requestId, why);
          return Answer.own(Reply.problem(500, "The token issuer can't be reached.", requestId));
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
            new HttpEvent.Api(account, requestId, clock.instant(), stageVariables),
            granted);
    if (event.length > Handlers.PAYLOAD_LIMIT) {
      return Answer.own(Reply.problem(413, "The body has over 6 MB.", requestId));
    }
    return new Answer(call(route, requestId, event), route.functionId());
  }

  /** Returns a response in API Gateway's own format. An empty challenge adds no header. */
  private static Reply gateway(int status, String message, String challenge) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    headers.add(Map.entry("content-type", "application/json"));
    if (!challenge.isEmpty()) {
      headers.add(Map.entry("www-authenticate", challenge));
    }
    byte[] body = ("{\"message\":\"" + message + "\"}").getBytes(StandardCharsets.UTF_8);
    return new Reply(status, headers, body);
  }

  /** Waits for a permit, then calls the function. The timeout begins with the call. */
  private Reply call(Route route, String requestId, byte[] event) {
    if (!enter()) {
      return Reply.problem(503, "Too many requests wait for the functions.", requestId);
    }
    try {
      return Reply.of(functions.invoke(route.functionId(), requestId, event, route.timeout()));
    } catch (RuntimeException e) {
      listener.failed(route.functionId(), requestId, InvocationException.reason(e));
      return e instanceof InvocationException failure && failure.timedOut()
          ? Reply.problem(503, "The function did not answer in time.", requestId)
          : Reply.problem(500, "The function failed.", requestId);
    } catch (IOException e) {
      listener.failed(route.functionId(), requestId, e);
      return Reply.problem(500, "The function's response is invalid.", requestId);
    } finally {
      permits.release();
    }
  }

  private boolean enter() {
    try {
      return permits.getQueueLength() < WAITING_LIMIT
          && permits.tryAcquire(WAITING_TIME.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) { // The server is closing.
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static int headSize(Request request, String target) {
    int size = request.getMethod().length() + target.length() + "  HTTP/1.1\r\n\r\n".length();
    for (Map.Entry<String, String> header : headers(request)) {
      size += header.getKey().length() + header.getValue().length() + ": \r\n".length();
    }
    return size;
  }

  private static List<Map.Entry<String, String>> headers(Request request) {
    return request.getHeaders().stream()
        .map(field -> Map.entry(field.getName(), requireNonNullElse(field.getValue(), "")))
        .toList();
  }

  /** Returns the body, or empty if it is larger than the limit. */
  private static Optional<byte[]> body(Request request) throws IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] body = in.readNBytes(Handlers.PAYLOAD_LIMIT);
      if (in.read() < 0) {
        return Optional.of(body);
      }
      var _ = in.skip(DRAIN_LIMIT);
      return Optional.empty();
    }
  }

  private static void write(
      Request request, Response response, Callback callback, Reply reply, String requestId) {
    response.setStatus(reply.status());
    for (Map.Entry<String, String> header : reply.headers()) {
      if (!DROPPED_HEADERS.contains(header.getKey().toLowerCase(Locale.ROOT))) {
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
