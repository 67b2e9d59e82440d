package dev.asyncitems.http;

/** The problem types of the API, each with a stable URI reference (RFC 9457, 3.1.1). */
public enum ProblemType {
  MALFORMED_REQUEST(400, "malformed-request", "Bad Request"),
  NOT_FOUND(404, "not-found", "Not Found"),
  METHOD_NOT_ALLOWED(405, "method-not-allowed", "Method Not Allowed"),
  PRECONDITION_FAILED(412, "precondition-failed", "Precondition Failed"),
  CONTENT_TOO_LARGE(413, "content-too-large", "Content Too Large"),
  UNSUPPORTED_MEDIA_TYPE(415, "unsupported-media-type", "Unsupported Media Type"),
  INVALID_CONTENT(422, "invalid-content", "Unprocessable Content"),
  IDEMPOTENCY_KEY_REUSED(422, "idempotency-key-reused", "Idempotency Key Reused"),
  INTERNAL_ERROR(500, "internal-error", "Internal Server Error"),
  UNAVAILABLE(503, "unavailable", "Service Unavailable"),
  DEADLINE_EXCEEDED(504, "deadline-exceeded", "Gateway Timeout");

  private final int status;
  private final String name;
  private final String title;

  ProblemType(int status, String name, String title) {
    this.status = status;
    this.name = name;
    this.title = title;
  }

  public int status() {
    return status;
  }

  /** Returns the URI reference for an API at the root of its host. */
  public String uri() {
    return "/problems/" + name;
  }

  public String title() {
    return title;
  }
}
