package dev.asyncitems.local.http;

import dev.asyncitems.local.template.Cors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * CORS as HTTP APIs implement it ("Configure CORS for HTTP APIs"). The gateway adds the CORS
 * headers and removes those of the function; an origin that is not allowed gets no header. The
 * gateway answers preflight requests, unless a route matches, even {@code $default}. Immutable.
 */
final class CrossOrigin {

  private static final String PREFIX = "access-control-";

  private final Optional<Cors> cors;

  CrossOrigin(Optional<Cors> cors) {
    this.cors = cors;
  }

  /**
   * Returns the reason for rejecting a page's request, if any. API Gateway rejects no origin and
   * leaves the check to the browser. Locally, any site that a developer visits could then change
   * the run's data. So a run accepts only the origins of the template. It passes preflight
   * requests, which change nothing.
   *
   * @param headers gives all values of a header by its name
   */
  Optional<String> rejection(String method, Function<String, List<String>> headers) {
    List<String> origins = headers.apply("Origin");
    boolean allowed = (origins.isEmpty() ? List.of("") : origins).stream().allMatch(this::allows);
    if (allowed || isPreflight(method, name -> !headers.apply(name).isEmpty())) {
      return Optional.empty();
    }
    return Guard.site(headers)
        .map(sentence ->
            sentence
                + " AWS would answer. To allow an origin, add it to the template's"
                + " CorsConfiguration. To follow a link from another page, enter the"
                + " address in the browser.");
  }

  /** Returns whether the template allows an origin. A wildcard also allows the empty origin. */
  private boolean allows(String origin) {
    List<String> origins = cors.map(Cors::allowOrigins).orElse(List.of());
    return origins.contains("*") || origins.contains(origin);
  }

  /** Returns whether the gateway itself answers the request if no route matches. */
  boolean answers(String method, Map<String, String> headers) {
    return cors.isPresent() && isPreflight(method, headers::containsKey);
  }

  private static boolean isPreflight(String method, Predicate<String> has) {
    return method.equals("OPTIONS")
        && has.test("origin")
        && has.test("access-control-request-method");
  }

  /**
   * Returns the reply with the CORS headers.
   *
   * @param headers the request's headers, names in lower case
   */
  Reply added(Reply reply, String method, Map<String, String> headers) {
    if (cors.isEmpty()) {
      return reply;
    }
    List<Map.Entry<String, String>> all = new ArrayList<>();
    for (Map.Entry<String, String> header : reply.headers()) {
      if (!header.getKey().toLowerCase(Locale.ROOT).startsWith(PREFIX)) {
        all.add(header);
      }
    }
    Cors rules = cors.get();
    String origin = headers.getOrDefault("origin", "");
    if (!origin.isEmpty() && allows(origin)) {
      add(all, "allow-origin", rules.allowOrigins().contains("*") ? "*" : origin);
      if (rules.allowCredentials()) {
        add(all, "allow-credentials", "true");
      }
      if (isPreflight(method, headers::containsKey)) {
        add(all, "allow-methods", String.join(",", rules.allowMethods()));
        add(all, "allow-headers", String.join(",", rules.allowHeaders()));
        add(all, "max-age", rules.maxAge().map(String::valueOf).orElse(""));
      } else {
        add(all, "expose-headers", String.join(",", rules.exposeHeaders()));
      }
    }
    return new Reply(reply.status(), all, reply.body());
  }

  private static void add(List<Map.Entry<String, String>> headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.add(Map.entry(PREFIX + name, value));
    }
  }
}
