package dev.asyncitems.http;

import dev.asyncitems.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An error as the client is told of it (RFC 9457).
 *
 * @param detail for this occurrence; never an exception's message
 * @param violations every fault of the request, where it was at fault
 * @param headers that go with it
 */
public record Problem(
    ProblemType type, String detail, List<Violation> violations, Map<String, String> headers) {
  private static final String RETRY_AFTER_SECONDS = "1";
  private static final String HOW_TO_REPEAT =
      "repeat a POST with the same Idempotency-Key, and other writes with If-Match.";

  public Problem {
    violations = List.copyOf(violations);
    headers = Map.copyOf(headers);
  }

  /** A problem that needs no more than its detail. */
  public static Problem of(ProblemType type, String detail) {
    return new Problem(type, detail, List.of(), Map.of());
  }

  /** The request can't be understood: 400 with every fault. */
  public static Problem malformed(List<Violation> violations) {
    return new Problem(
        ProblemType.MALFORMED_REQUEST,
        "The request is malformed; the violations name each fault.",
        violations,
        Map.of());
  }

  /** The request is understood, and its content is not acceptable: 422 with every fault. */
  public static Problem invalid(List<Violation> violations) {
    return new Problem(
        ProblemType.INVALID_CONTENT,
        "The content is well-formed but not valid; the violations name each fault.",
        violations,
        Map.of());
  }

  /** The resource is there, but {@code If-Match} or {@code If-None-Match} does not hold: 412. */
  public static Problem preconditionFailed() {
    return of(
        ProblemType.PRECONDITION_FAILED,
        "The current ETag does not satisfy If-Match or If-None-Match. Read the resource again, then"
            + " decide.");
  }

  /** Something broke that the client cannot mend: 500. */
  public static Problem internal() {
    return of(
        ProblemType.INTERNAL_ERROR,
        "An internal error occurred. When you report it, give the requestId.");
  }

  /** A service that the request needs is busy or away: 503 with {@code Retry-After}. */
  public static Problem unavailable() {
    return new Problem(
        ProblemType.UNAVAILABLE,
        "The service is busy or a part of it is away. Retry after the seconds that Retry-After"
            + " names; a write may have happened, so "
            + HOW_TO_REPEAT,
        List.of(),
        Map.of("Retry-After", RETRY_AFTER_SECONDS));
  }

  /** The time for the request ran out: 504. */
  public static Problem deadlineExceeded() {
    return of(
        ProblemType.DEADLINE_EXCEEDED,
        "The time for the request ran out; what was under way may still have happened, so "
            + HOW_TO_REPEAT);
  }

  /** The same problem with another detail. */
  public Problem withDetail(String newDetail) {
    return new Problem(type, newDetail, violations, headers);
  }

  /** Returns the response that tells a request's client of this problem. */
  public Reply reply(Request request) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("Content-Type", "application/problem+json");
    all.put("Cache-Control", "no-store");
    String body =
        Json.write(json -> {
          json.writeStartObject();
          json.writeStringProperty("type", request.link(type.uri()));
          json.writeStringProperty("title", type.title());
          json.writeNumberProperty("status", type.status());
          json.writeStringProperty("detail", detail);
          json.writeStringProperty("instance", request.link(uriPath(request.path())));
          json.writeStringProperty("requestId", request.id());
          if (!violations.isEmpty()) {
            json.writeArrayPropertyStart("violations");
            for (Violation violation : violations) {
              json.writeStartObject();
              json.writeStringProperty(violation.place().member(), violation.name());
              json.writeStringProperty("detail", violation.detail());
              json.writeEndObject();
            }
            json.writeEndArray();
          }
          json.writeEndObject();
        });
    return new Reply(type.status(), all, Optional.of(body), false);
  }

  // The gateway decodes the path; a URI reference needs it encoded (RFC 3986, 3.3).
  private static String uriPath(String path) {
    return URLEncoder.encode(path, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }
}
