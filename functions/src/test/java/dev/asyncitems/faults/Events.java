package dev.asyncitems.faults;

import dev.asyncitems.system.Api;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The events that API Gateway sends to a function, and the function's answers. */
final class Events {
  private Events() {}

  /**
   * Returns the event of a request.
   *
   * @param route the route, such as {@code PATCH /items/{id}}
   * @param id the value for {@code {id}}, or empty if the route has none
   * @param query the raw query string, without the question mark
   * @param body the body, or empty for none
   */
  static byte[] http(
      String route, String id, String query, String body, Map<String, String> headers) {
    String method = route.substring(0, route.indexOf(' '));
    ObjectNode event = Api.JSON.createObjectNode();
    event.put("version", "2.0");
    event.put("routeKey", route);
    event.put("rawPath", route.substring(method.length() + 1).replace("{id}", id));
    event.put("rawQueryString", query);
    ObjectNode sent = event.putObject("headers");
    headers.forEach(sent::put);
    ObjectNode context = event.putObject("requestContext");
    context.put("requestId", UUID.randomUUID().toString());
    context.put("routeKey", route);
    context.putObject("http").put("method", method);
    if (!id.isEmpty()) {
      event.putObject("pathParameters").put("id", id);
    }
    if (!body.isEmpty()) {
      event.put("body", body);
    }
    event.put("isBase64Encoded", false);
    return Api.JSON.writeValueAsBytes(event);
  }

  /** A function's answer to a request. */
  record Reply(JsonNode json) {
    static Reply of(byte[] answer) {
      return new Reply(Api.JSON.readTree(answer));
    }

    int status() {
      return json.required("statusCode").asInt();
    }

    String header(String name) {
      return json.path("headers").path(name).asString("");
    }

    JsonNode body() {
      return Api.JSON.readTree(json.required("body").asString());
    }

    @Override
    public String toString() {
      return json.toString();
    }
  }
}
