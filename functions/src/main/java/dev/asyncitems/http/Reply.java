package dev.asyncitems.http;

import dev.asyncitems.json.Json;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/**
 * An HTTP response. Immutable.
 *
 * @param body text, or base64 if {@code base64} is set; empty if the response has no body
 */
public record Reply(
    int status, Map<String, String> headers, Optional<String> body, boolean base64) {
  public Reply {
    headers = Map.copyOf(headers);
  }

  public static Reply empty(int status) {
    return new Reply(status, Map.of(), Optional.empty(), false);
  }

  /** Returns a permanent redirect to a path below the mount, with the request's query. */
  public static Reply redirect(String path, Request request) {
    String query = request.rawQuery();
    String link = request.link(path);
    return empty(308).with("Location", query.isEmpty() ? link : link + "?" + query);
  }

  /** Returns a response with a JSON body. */
  public static Reply of(int status, Consumer<JsonGenerator> body) {
    return new Reply(
        status, Map.of("Content-Type", "application/json"), Optional.of(Json.write(body)), false);
  }

  public static Reply of(int status, String contentType, byte[] body) {
    String text = Base64.getEncoder().encodeToString(body);
    return new Reply(status, Map.of("Content-Type", contentType), Optional.of(text), true);
  }

  /** Returns this response with a header added or replaced. */
  public Reply with(String header, String value) {
    return with(Map.of(header, value));
  }

  public Reply with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return new Reply(status, all, body, base64);
  }
}
