package dev.asyncitems.local.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;

/** The response to a request. */
@SuppressWarnings("ArrayRecordComponent") // Replies are never compared.
record Reply(int status, List<Map.Entry<String, String>> headers, byte[] body) {

  /**
   * Parses a function's response in payload format 2.0. A response without {@code statusCode}
   * becomes the JSON body of a 200.
   *
   * @throws IOException if the response is invalid; the message is a sentence
   */
  static Reply of(byte[] answer) throws IOException {
    JsonNode json;
    try {
      json = Json.read(answer);
    } catch (JsonProcessingException e) {
      throw new IOException("the response is not JSON: " + e.getOriginalMessage(), e);
    }
    if (json.isMissingNode()) {
      throw new IOException("the response is empty");
    }
    if (!json.isObject() || !json.has("statusCode")) {
      byte[] body =
          (json.isTextual() ? json.textValue() : json.toString()).getBytes(StandardCharsets.UTF_8);
      return new Reply(200, List.of(Map.entry("content-type", "application/json")), body);
    }
    JsonNode status = json.get("statusCode");
    if (!status.canConvertToInt() || status.intValue() < 200 || status.intValue() > 599) {
      throw new IOException("the statusCode must be from 200 to 599, but is " + status);
    }
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    json.path("headers")
        .properties()
        .forEach(header -> headers.add(Map.entry(header.getKey(), header.getValue().asText())));
    for (JsonNode cookie : json.path("cookies")) {
      headers.add(Map.entry("set-cookie", cookie.asText()));
    }
    String text = json.path("body").asText("");
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    if (json.path("isBase64Encoded").asBoolean()) {
      try {
        body = Base64.getDecoder().decode(text);
      } catch (IllegalArgumentException e) {
        throw new IOException("the response's body is not base64", e);
      }
    }
    if (body.length > 0
        && headers.stream().noneMatch(header -> header.getKey().equalsIgnoreCase("content-type"))) {
      headers.add(Map.entry("content-type", "text/plain;charset=UTF-8"));
    }
    return new Reply(status.intValue(), headers, body);
  }

  /** Returns a problem response (RFC 9457) from the local run itself, not from a function. */
  static Reply problem(int status, String detail, String requestId) {
    return problem(status, detail, requestId, List.of());
  }

  /** Returns a problem response. It contains the stack trace unless that is empty. */
  static Reply problem(int status, String detail, String requestId, List<String> stackTrace) {
    ObjectNode problem = JsonNodeFactory.instance.objectNode();
    String title = HttpStatus.getMessage(status);
    problem.put("type", "about:blank");
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", detail);
    problem.put("message", title);
    problem.put("requestId", requestId);
    if (!stackTrace.isEmpty()) {
      stackTrace.forEach(problem.putArray("stackTrace")::add);
    }
    return new Reply(
        status,
        List.of(Map.entry("content-type", "application/problem+json")),
        Json.bytes(problem));
  }
}
