package dev.asyncitems.http;

import dev.asyncitems.json.Json;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/**
 * An HTTP response.
 *
 * @param headers by name, as they are to be sent
 * @param body text, or bytes in base64; empty where the status has none
 * @param base64 whether the body is bytes in base64
 */
public record Reply(
    int status, Map<String, String> headers, Optional<String> body, boolean base64) {
  public Reply {
    headers = Map.copyOf(headers);
  }

  /** A response without a body. */
  public static Reply empty(int status) {
    return new Reply(status, Map.of(), Optional.empty(), false);
  }

  /** A permanent redirect to another of the API's own paths, with the request's query. */
  public static Reply redirect(String path, Request request) {
    String query = request.rawQuery();
    String link = request.link(path);
    return empty(308).with("Location", query.isEmpty() ? link : link + "?" + query);
  }

  /** A response with a JSON body. */
  public static Reply of(int status, Consumer<JsonGenerator> body) {
    return new Reply(
        status, Map.of("Content-Type", "application/json"), Optional.of(Json.write(body)), false);
  }

  /** A response with any bytes as its body. */
  public static Reply of(int status, String contentType, byte[] body) {
    String text = Base64.getEncoder().encodeToString(body);
    return new Reply(status, Map.of("Content-Type", contentType), Optional.of(text), true);
  }

  /** The same response with one more header, or another value of it. */
  public Reply with(String header, String value) {
    return with(Map.of(header, value));
  }

  /** The same response with more headers. */
  public Reply with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return new Reply(status, all, body, base64);
  }
}
