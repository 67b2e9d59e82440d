package dev.asyncitems.lambda;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.http.Input;
import dev.asyncitems.http.Request;
import dev.asyncitems.json.Json;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Builds an HTTP API's event. */
public final class TestEvent {
  private final String method;
  private final String path;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private String routeKey;
  private String query = "";
  private String stage = "$default";
  private String basePath = "";
  private String parameter = "";
  private String value = "";
  private @Nullable String body;
  private boolean base64;
  private String claim = "sub";
  private @Nullable String subject;

  private TestEvent(String method, String path) {
    this.method = method;
    this.path = path;
    this.routeKey = method + " " + path;
  }

  public static TestEvent of(String method, String path) {
    return new TestEvent(method, path);
  }

  public TestEvent header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Sets the gateway's route if it differs from the path. */
  public TestEvent routeKey(String key) {
    routeKey = key;
    return this;
  }

  public TestEvent pathParameter(String name, String text) {
    parameter = name;
    value = text;
    return this;
  }

  /** Sets the stage variable with the path of an API mapping. */
  public TestEvent basePath(String path) {
    basePath = path;
    return this;
  }

  public TestEvent stage(String name) {
    stage = name;
    return this;
  }

  public TestEvent query(String raw) {
    query = raw;
    return this;
  }

  public TestEvent body(String text) {
    body = text;
    return this;
  }

  public TestEvent base64(String text) {
    base64 = true;
    return body(text);
  }

  public TestEvent subject(String name) {
    subject = name;
    return this;
  }

  /** Sets the only claim of a token that has no subject. */
  public TestEvent clientId(String name) {
    claim = "client_id";
    return subject(name);
  }

  /** Returns the event as Lambda passes it to a handler. */
  public InputStream stream() {
    return new ByteArrayInputStream(Json.write(this::write).getBytes(StandardCharsets.UTF_8));
  }

  public Request request() {
    return Request.of(
        EventCodec.readHttpEvent(stream()), null, Deadline.after(Duration.ofMinutes(1)));
  }

  public Input input() {
    return request().read(input -> () -> input);
  }

  private void write(JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("version", "2.0");
    json.writeStringProperty("routeKey", routeKey);
    json.writeStringProperty("rawPath", path);
    json.writeStringProperty("rawQueryString", query);
    json.writeObjectPropertyStart("headers");
    headers.forEach(json::writeStringProperty);
    json.writeEndObject();
    writeMap(json, "pathParameters", parameter, value);
    writeMap(json, "stageVariables", basePath.isEmpty() ? "" : "basePath", basePath);
    json.writeObjectPropertyStart("requestContext");
    json.writeStringProperty("requestId", "request-1");
    json.writeStringProperty("stage", stage);
    json.writeObjectPropertyStart("http");
    json.writeStringProperty("method", method);
    json.writeEndObject();
    if (subject != null) {
      json.writeObjectPropertyStart("authorizer");
      json.writeObjectPropertyStart("jwt");
      json.writeObjectPropertyStart("claims");
      json.writeStringProperty(claim, subject);
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndObject();
    if (body != null) {
      json.writeStringProperty("body", body);
    }
    json.writeBooleanProperty("isBase64Encoded", base64);
    json.writeEndObject();
  }

  // The gateway leaves out an empty map.
  private static void writeMap(JsonGenerator json, String member, String name, String text) {
    if (!name.isEmpty()) {
      json.writeObjectPropertyStart(member);
      json.writeStringProperty(name, text);
      json.writeEndObject();
    }
  }
}
