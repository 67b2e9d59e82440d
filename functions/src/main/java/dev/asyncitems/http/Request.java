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
 * An HTTP request as a function sees it. Not to be shared between threads while it is read with
 * {@link #read}.
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
    if (event.getHeaders() != null) {
      event
          .getHeaders()
          .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    }
    // Lambda's own, and where it gives none the gateway's.
    this.traceContext =
        TraceContext.of(
            event.getRequestContext().getRequestId(),
            traceHeader != null ? traceHeader : headers.get("x-amzn-trace-id"));
  }

  /**
   * The request of an event.
   *
   * @param traceHeader X-Ray's, if Lambda gives it
   * @throws UnreadableEvent if the event is not one of payload format 2.0
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

  /** What is known of a request whose event has not been read: its route and id are {@code -}. */
  public static Request unread(@Nullable String traceHeader, Deadline deadline) {
    APIGatewayV2HTTPEvent event = new APIGatewayV2HTTPEvent();
    event.setRouteKey("-");
    event.setRequestContext(new RequestContext());
    return new Request(event, traceHeader, deadline);
  }

  /** When the reply must be ready. */
  public Deadline deadline() {
    return deadline;
  }

  /** The gateway's id of the request. */
  public String id() {
    return Objects.requireNonNullElse(event.getRequestContext().getRequestId(), "-");
  }

  /** By what the request is followed through everything that comes of it. */
  public TraceContext traceContext() {
    return traceContext;
  }

  /** Adds a field to the request's log line; any thread may. Nothing that a client made up. */
  public void note(String name, String value) {
    notes.put(name, value);
  }

  /** Counts one with the request's log line; any thread may. */
  public void count(Metric metric) {
    metrics.merge(metric, 1L, Long::sum);
  }

  /** Returns the fields that were added so far for the request's log line. */
  public Map<String, String> notes() {
    return notes;
  }

  /** Returns what was counted so far for the request's log line. */
  public Map<Metric, Long> metrics() {
    return metrics;
  }

  /** The route that the gateway chose, such as {@code GET /items/{id}}. */
  public String route() {
    return event.getRouteKey();
  }

  /** The method in upper case. */
  public String method() {
    return event.getRequestContext().getHttp().getMethod();
  }

  /**
   * Returns the API's own path, without what it is mounted under: decoded, and with a slash at its
   * end if one was sent.
   */
  public String path() {
    return mount.path();
  }

  /** Returns the path by which clients reach one of the API's own paths. */
  public String link(String path) {
    return mount.base() + path;
  }

  /** The query string as it was sent, empty where there is none. */
  String rawQuery() {
    return Objects.requireNonNullElse(event.getRawQueryString(), "");
  }

  /**
   * A variable part of the route's path, without the slash that may end it; empty if it is not set.
   */
  public String pathParameter(String name) {
    Map<String, String> parameters = event.getPathParameters();
    String value = parameters == null ? null : parameters.get(name);
    return withoutSlash(Objects.requireNonNullElse(value, ""));
  }

  /**
   * Reads what the client sent, and goes on only if nothing of it was malformed.
   *
   * @param reader reads each piece that the function uses, and returns what to do with them
   * @return what that returned
   * @throws ProblemException 400 with every fault, if there was one, or what the reader threw
   */
  public <R> R read(Function<Input, Supplier<R>> reader) {
    Input input = new Input(this);
    Supplier<R> next = reader.apply(input);
    input.check();
    return next.get();
  }

  /** Whether a header was sent, whatever its value. */
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

  /** Who sent the request, where a token says so: its subject, or else the client it is of. */
  public Optional<String> subject() {
    var authorizer = event.getRequestContext().getAuthorizer();
    return authorizer == null || authorizer.getJwt() == null
        ? Optional.empty()
        : Optional.ofNullable(authorizer.getJwt().getClaims())
            .map(claims -> claims.getOrDefault("sub", claims.get("client_id")));
  }

  static String withoutSlash(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
