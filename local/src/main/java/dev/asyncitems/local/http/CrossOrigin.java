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

  /**
   * Why a page's request is refused, in a sentence. API Gateway refuses none: it lets each page
   * ask, and each browser decide what the page may read. That would let any site that a developer
   * visits change what a run holds, so a run lets in only whom the template names. A preflight
   * request changes nothing, and what is answered to it is the functions' matter.
   *
   * @param headers gives all values of a header by its name: a request may repeat one
   */
  Optional<String> refusal(String method, Function<String, List<String>> headers) {
    List<String> origins = headers.apply("Origin");
    boolean allowed = (origins.isEmpty() ? List.of("") : origins).stream().allMatch(this::allows);
    if (allowed || isPreflight(method, name -> !headers.apply(name).isEmpty())) {
      return Optional.empty();
    }
    return Guard.site(headers)
        .map(sentence ->
            sentence
                + " AWS would answer to them. Name the origin in the template's"
                + " CorsConfiguration if its pages are to use the API; to follow a link from"
                + " another page, enter the address in the browser.");
  }

  /** Whether the template lets pages of that origin in, or those of every one, named or not. */
  private boolean allows(String origin) {
    List<String> origins = cors.map(Cors::allowOrigins).orElse(List.of());
    return origins.contains("*") || origins.contains(origin);
  }

  /** Whether the gateway answers it itself, where no route is for it. */
  boolean answers(String method, Map<String, String> headers) {
    return cors.isPresent() && isPreflight(method, headers::containsKey);
  }

  private static boolean isPreflight(String method, Predicate<String> has) {
    return method.equals("OPTIONS")
        && has.test("origin")
        && has.test("access-control-request-method");
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
