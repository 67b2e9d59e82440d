package dev.asyncitems.http;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent.RequestContext;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.trace.TraceContext;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request, with the notes and counts for its log line. Notes and counts are thread-safe.
 * {@link #read} is not.
 */
public final class Request {
  private final APIGatewayV2HTTPEvent event;
  private final Map<String, String> headers = new HashMap<>();
  private final Mount mount;
  private final TraceContext traceContext;
  private final Deadline deadline;
  private final Map<String, String> notes = new ConcurrentHashMap<>();
  private final Map<Metric, Long> metrics = new ConcurrentHashMap<>();

  private Request(APIGatewayV2HTTPEvent event, @Nullable String traceHeader, Deadline deadline) {
    this.event = event;
    this.deadline = deadline;
    this.mount = Mount.of(event);
    event.getHeaders().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    // If Lambda passed no trace header, API Gateway's header names the same trace.
    this.traceContext =
        TraceContext.of(
            event.getRequestContext().getRequestId(),
            traceHeader != null ? traceHeader : headers.get("x-amzn-trace-id"));
  }

  /**
   * Reads the request of an event. The event's maps must not be null.
   *
   * @param traceHeader X-Ray's header from Lambda, or null
   * @throws UnreadableEvent if the event is not in payload format 2.0
   */
  public static Request of(
      APIGatewayV2HTTPEvent event, @Nullable String traceHeader, Deadline deadline) {
    if (event.getRouteKey() == null || event.getRequestContext().getHttp().getMethod() == null) {
      throw new UnreadableEvent(
          "the event is not an HTTP API event in payload format 2.0: routeKey or"
              + " requestContext.http.method is missing");
    }
    return new Request(event, traceHeader, deadline);
  }

  /** Returns a placeholder for an unreadable request. The route and id are {@code -}. */
  public static Request unread(@Nullable String traceHeader, Deadline deadline) {
    APIGatewayV2HTTPEvent event = new APIGatewayV2HTTPEvent();
    event.setRouteKey("-");
    event.setHeaders(Map.of());
    event.setPathParameters(Map.of());
    event.setStageVariables(Map.of());
    event.setRequestContext(new RequestContext());
    return new Request(event, traceHeader, deadline);
  }

  /** Returns the moment by which the response must be ready. */
  public Deadline deadline() {
    return deadline;
  }

  /** Returns the gateway's request id, or {@code -} if the event has none. */
  public String id() {
    return Objects.requireNonNullElse(event.getRequestContext().getRequestId(), "-");
  }

  public TraceContext traceContext() {
    return traceContext;
  }

  /** Adds a field to the request's log line. The value must not be a client's unchecked text. */
  public void note(String name, String value) {
    notes.put(name, value);
  }

  /** Adds one to a metric in the request's log line. */
  public void count(Metric metric) {
    count(metric, 1);
  }

  /** Adds to a metric in the request's log line. */
  public void count(Metric metric, int times) {
    metrics.merge(metric, (long) times, Long::sum);
  }

  public Map<String, String> notes() {
    return notes;
  }

  public Map<Metric, Long> metrics() {
    return metrics;
  }

  /** Returns the route that the gateway chose, such as {@code GET /items/{id}}. */
  public String route() {
    return event.getRouteKey();
  }

  /** Returns the method, such as {@code GET}. */
  public String method() {
    return event.getRequestContext().getHttp().getMethod();
  }

  /** Returns the decoded path, without the mount. It keeps a trailing slash. */
  public String path() {
    return mount.path();
  }

  /** Returns a path of the API with the mount before it, as clients request it. */
  public String link(String path) {
    return mount.base() + path;
  }

  /** Returns whether no route requires a token, according to the stage variable {@code access}. */
  public boolean isOpen() {
    return "open".equals(event.getStageVariables().get("access"));
  }

  /** Returns the query string as sent, or an empty string. */
  String rawQuery() {
    return Objects.requireNonNullElse(event.getRawQueryString(), "");
  }

  /** Returns a path parameter without a trailing slash, or an empty string if it is not set. */
  public String pathParameter(String name) {
    return withoutSlash(event.getPathParameters().getOrDefault(name, ""));
  }

  /**
   * Reads the request's input, and runs the next step if all of the input is well-formed.
   *
   * @param reader reads the input and returns the next step
   * @throws ProblemException 400 with all faults, if there are any
   */
  public <R> R read(Function<Input, Supplier<R>> reader) {
    Input input = new Input(this);
    Supplier<R> next = reader.apply(input);
    input.check();
    return next.get();
  }

  public boolean hasHeader(String name) {
    return header(name).isPresent();
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  Optional<String> body() {
    return Optional.ofNullable(event.getBody());
  }

  boolean bodyIsBase64() {
    return event.getIsBase64Encoded();
  }

  /** Returns the token's subject, or else its client id. Returns empty without a token. */
  public Optional<String> subject() {
    var authorizer = event.getRequestContext().getAuthorizer();
    return authorizer == null || authorizer.getJwt() == null
        ? Optional.empty()
        : Optional.ofNullable(authorizer.getJwt().getClaims())
            .map(claims -> claims.getOrDefault("sub", claims.get("client_id")));
  }

  static String withoutSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
