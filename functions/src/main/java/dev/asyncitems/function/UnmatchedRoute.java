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
 * {@code $default}: answers requests that no route matches. It answers an unknown path with 404, an
 * unknown method with 405, a trailing slash with a redirect (308), and a preflight request with
 * 204. The gateway adds CORS headers.
 */
public final class UnmatchedRoute extends HttpFunction {
  public UnmatchedRoute() {
    this(System.getenv(), Clock.systemUTC());
  }

  public UnmatchedRoute(Map<String, String> environment, Clock clock) {
    super(Log.of(UnmatchedRoute.class, environment, new Contention(), clock));
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    String path = request.path();
    boolean slash = path.length() > 1 && path.endsWith("/");
    String plain = slash ? path.substring(0, path.length() - 1) : path;
    List<String> methods = Route.methods(plain);
    // The gateway decodes the path after matching, so an encoded path can look like a known path.
    boolean encoded = !slash && methods.contains(request.method());
    if (methods.isEmpty() || encoded) {
      throw new ProblemException(
          Problem.of(
              ProblemType.NOT_FOUND, "No route matches this path, or no resource has this id."));
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

  // A browser's preflight request has both headers (Fetch Standard, 4.9).
  private static boolean isPreflight(Request request) {
    return request.method().equals("OPTIONS")
        && request.hasHeader("Origin")
        && request.hasHeader("Access-Control-Request-Method");
  }
}
