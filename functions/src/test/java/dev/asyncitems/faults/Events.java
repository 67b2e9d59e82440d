package dev.asyncitems.faults;

import dev.asyncitems.system.Api;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The events by which API Gateway asks a function, and what it answers. */
final class Events {
  private Events() {}

  /**
   * A request.
   *
   * @param route such as {@code PATCH /items/{id}}
   * @param id in the path's place for it; empty where there is none
   * @param query as it is sent, without the question mark
   * @param body empty for none
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

  /** What a function answered to a request. */
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
