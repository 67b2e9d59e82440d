package dev.asyncitems.function;

import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.ProblemType;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.metric.Contention;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * {@code $default}: what no route matches. Tells an unknown path (404) from an unknown method
 * (405), and sends a path that ends in a slash to the plain one (308), where the gateway doesn't
 * match it. A preflight request is answered 204; the gateway adds what it allows, if anything.
 */
public final class UnmatchedRoute extends HttpFunction {
  /** The function as Lambda makes it. */
  public UnmatchedRoute() {
    this(System.getenv(), Clock.systemUTC());
  }

  /** The function in another environment, of which it needs nothing but what its log does. */
  public UnmatchedRoute(Map<String, String> environment, Clock clock) {
    super(Log.of(UnmatchedRoute.class, environment, new Contention(), clock));
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    String path = request.path();
    boolean slash = path.length() > 1 && path.endsWith("/");
    String plain = slash ? path.substring(0, path.length() - 1) : path;
    List<String> methods = Route.methods(plain);
    // A path that the gateway did not match although it reads as one was sent otherwise encoded.
    boolean encoded = !slash && methods.contains(request.method());
    if (methods.isEmpty() || encoded) {
      throw new ProblemException(
          Problem.of(ProblemType.NOT_FOUND, "The API has no such path, or nothing has this id."));
    }
    if (slash && methods.contains(request.method())) {
      return CompletableFuture.completedFuture(Reply.redirect(plain, request));
    }
    if (isPreflight(request)) {
      return CompletableFuture.completedFuture(Reply.empty(204));
    }
    String allow = String.join(", ", methods);
    throw new ProblemException(
        new Problem(
            ProblemType.METHOD_NOT_ALLOWED,
            "This path allows " + allow + ".",
            List.of(),
            Map.of("Allow", allow)));
  }

  // Fetch Standard, 4.9: an OPTIONS request with both.
  private static boolean isPreflight(Request request) {
    return request.method().equals("OPTIONS")
        && request.hasHeader("Origin")
        && request.hasHeader("Access-Control-Request-Method");
  }
}
