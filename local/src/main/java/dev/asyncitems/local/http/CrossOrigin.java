package dev.asyncitems.local.http;

import dev.asyncitems.local.template.Cors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * CORS as HTTP APIs do it ("Configure CORS for HTTP APIs"): its headers are the gateway's alone,
 * and those of a function are taken away; an origin that isn't allowed gets none. A preflight
 * request that a route is for, be it {@code $default}, goes to its function; another is answered
 * here. Immutable.
 */
final class CrossOrigin {

  private static final String PREFIX = "access-control-";

  private final Optional<Cors> cors;

  CrossOrigin(Optional<Cors> cors) {
    this.cors = cors;
  }

  /** Whether the gateway answers it itself, where no route is for it. */
  boolean answers(String method, Map<String, String> headers) {
    return cors.isPresent() && isPreflight(method, headers);
  }

  private static boolean isPreflight(String method, Map<String, String> headers) {
    return method.equals("OPTIONS")
        && headers.containsKey("origin")
        && headers.containsKey("access-control-request-method");
  }

  /**
   * An answer with the headers that are added to it.
   *
   * @param headers the request's, names in lower case
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
    boolean any = rules.allowOrigins().contains("*");
    if (!origin.isEmpty() && (any || rules.allowOrigins().contains(origin))) {
      add(all, "allow-origin", any ? "*" : origin);
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
