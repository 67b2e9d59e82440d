package dev.asyncitems.http;

import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.json.Json;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.rejection.Rejection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An error response (RFC 9457).
 *
 * @param detail the explanation for the client; never an exception's message
 * @param violations all faults of the request; empty for other problems
 */
public record Problem(
    ProblemType type, String detail, List<Violation> violations, Map<String, String> headers) {
  private static final String RETRY_AFTER_SECONDS = "1";
  private static final String HOW_TO_REPEAT =
      "A write may have taken effect: repeat a POST with the same Idempotency-Key, and other"
          + " writes with If-Match.";

  public Problem {
    violations = List.copyOf(violations);
    headers = Map.copyOf(headers);
  }

  /** Returns a problem without violations or headers. */
  public static Problem of(ProblemType type, String detail) {
    return new Problem(type, detail, List.of(), Map.of());
  }

  /** Returns a 400 for a request that cannot be read. */
  public static Problem malformed(List<Violation> violations) {
    return new Problem(
        ProblemType.MALFORMED_REQUEST,
        "The request is malformed. The violations list all faults.",
        violations,
        Map.of());
  }

  /** Returns a 422 for a request whose content breaks rules. */
  public static Problem invalid(List<Violation> violations) {
    return new Problem(
        ProblemType.INVALID_CONTENT,
        "The content is well-formed but not valid. The violations list all faults.",
        violations,
        Map.of());
  }

  /** Returns the problem that reports a failure to the client. */
  public static Problem of(Throwable failure) {
    return switch (Futures.cause(failure)) {
      case ProblemException e -> e.problem();
      case Rejection e -> of(e.reason());
      case InvalidContent e ->
          invalid(
              e.faults().stream()
                  .map(fault -> Violation.at(fault.pointer(), fault.detail()))
                  .toList());
      case Unavailable e ->
          new Problem(
              ProblemType.UNAVAILABLE,
              "The service is busy or unavailable. Retry after the number of seconds in"
                  + " Retry-After. "
                  + HOW_TO_REPEAT,
              List.of(),
              Map.of("Retry-After", RETRY_AFTER_SECONDS));
      case DeadlineExceeded e ->
          of(ProblemType.DEADLINE_EXCEEDED, "The request took too long. " + HOW_TO_REPEAT);
      default ->
          of(
              ProblemType.INTERNAL_ERROR,
              "An internal error occurred. When you report it, give the requestId.");
    };
  }

  private static Problem of(Rejection.Reason reason) {
    return switch (reason) {
      case NOT_FOUND -> of(ProblemType.NOT_FOUND, "No resource has this id.");
      case PRECONDITION_FAILED ->
          of(
              ProblemType.PRECONDITION_FAILED,
              "The current ETag does not satisfy If-Match or If-None-Match. Read the resource"
                  + " again, then decide.");
      case KEY_REUSED ->
          of(
              ProblemType.IDEMPOTENCY_KEY_REUSED,
              "This Idempotency-Key was used for another request. Repeat a request with the same"
                  + " method, path, media type and body, byte for byte, or use a new key.");
    };
  }

  public Problem withDetail(String newDetail) {
    return new Problem(type, newDetail, violations, headers);
  }

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
              json.writeStringProperty(violation.place(), violation.name());
              json.writeStringProperty("detail", violation.detail());
              json.writeEndObject();
            }
            json.writeEndArray();
          }
          json.writeEndObject();
        });
    return new Reply(type.status(), all, Optional.of(body), false);
  }

  // The gateway decodes the path, but a URI reference needs it encoded (RFC 3986, 3.3).
  private static String uriPath(String path) {
    return URLEncoder.encode(path, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }
}
