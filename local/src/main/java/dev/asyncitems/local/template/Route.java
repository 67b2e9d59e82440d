package dev.asyncitems.local.template;

import java.time.Duration;
import java.util.Optional;

/**
 * A route of the HTTP API and the function behind it.
 *
 * @param id the logical id of the route, or of the function's event that makes it
 * @param method an HTTP method, {@code ANY}, or the empty string for {@code $default}
 * @param path such as {@code /things/{id}}, or {@code $default}
 * @param functionId the logical id of the function
 * @param timeout how long the integration waits, 30 s at most
 * @param access whom it lets in; everybody without it
 */
public record Route(
    String id,
    String method,
    String path,
    String functionId,
    Duration timeout,
    Optional<Access> access) {

  /** The path of the route that takes what no other takes. */
  public static final String DEFAULT = "$default";

  /** A route that lets everybody in. */
  public Route(String id, String method, String path, String functionId, Duration timeout) {
    this(id, method, path, functionId, timeout, Optional.empty());
  }

  Route with(Optional<Access> toWhom) {
    return new Route(id, method, path, functionId, timeout, toWhom);
  }

  /** The route key as events carry it, such as {@code GET /things/{id}}. */
  public String key() {
    return isDefault() ? DEFAULT : method + " " + path;
  }

  public boolean isDefault() {
    return path.equals(DEFAULT);
  }
}
