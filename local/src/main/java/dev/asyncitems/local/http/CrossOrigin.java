package dev.asyncitems.local.http;

import dev.asyncitems.local.template.Cors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * CORS as HTTP APIs implement it ("Configure CORS for HTTP APIs"). The gateway replaces the
 * function's CORS headers, and sends none to an origin that is not allowed. It answers preflight
 * requests, unless a route matches. The route {@code $default} counts as a match. Immutable.
 */
record CrossOrigin(Optional<Cors> cors) {

  private static final String PREFIX = "access-control-";

  /**
   * Returns the reason for rejecting a page's request, if any. API Gateway rejects no origin and
   * leaves the check to the browser. Locally, any site that a developer visits could then change
   * the run's data. So a run accepts only its own origin and the template's origins. It also
   * accepts preflight requests, because they change nothing.
   *
   * @param headers returns the values of a header by its name, in any case
   */
  Optional<String> rejection(String method, Function<String, List<String>> headers) {
    List<String> origins = headers.apply("Origin");
    boolean allowed = (origins.isEmpty() ? List.of("") : origins).stream().allMatch(this::allows);
    if (allowed || isPreflight(method, headers)) {
      return Optional.empty();
    }
    return Guard.site(headers)
        .map(sentence ->
            sentence
                + " AWS would answer. To allow an origin, add it to the template's"
                + " CorsConfiguration. To follow a link from another page, enter the"
                + " address in the browser.");
  }

  /** Returns whether the template allows an origin. A wildcard also allows a missing origin. */
  private boolean allows(String origin) {
    List<String> origins = cors.map(Cors::allowOrigins).orElse(List.of());
    return origins.contains("*") || origins.contains(origin);
  }

  /** Returns whether the gateway answers a request without a route as a preflight. */
  boolean answers(String method, Function<String, List<String>> headers) {
    return cors.isPresent() && isPreflight(method, headers);
  }

  private static boolean isPreflight(String method, Function<String, List<String>> headers) {
    return method.equals("OPTIONS")
        && !headers.apply("Origin").isEmpty()
        && !headers.apply("Access-Control-Request-Method").isEmpty();
  }

  /** Returns the reply with the request's CORS headers. */
  Reply added(Reply reply, String method, Function<String, List<String>> headers) {
    if (cors.isEmpty()) {
      return reply;
    }
    List<Map.Entry<String, String>> all = new ArrayList<>(reply.headers());
    all.removeIf(header -> header.getKey().toLowerCase(Locale.ROOT).startsWith(PREFIX));
    Cors rules = cors.get();
    String origin = headers.apply("Origin").stream().findFirst().orElse("");
    if (!origin.isEmpty() && allows(origin)) {
      add(all, "allow-origin", rules.allowOrigins().contains("*") ? "*" : origin);
      if (rules.allowCredentials()) {
        add(all, "allow-credentials", "true");
      }
      if (isPreflight(method, headers)) {
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
