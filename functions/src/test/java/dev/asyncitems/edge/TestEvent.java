package dev.asyncitems.edge;

import dev.asyncitems.kernel.Deadline;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** An HTTP API's event in the making. */
public final class TestEvent {
  private final String method;
  private final String path;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private String query = "";
  private @Nullable String body;
  private boolean base64;
  private @Nullable String subject;

  private TestEvent(String method, String path) {
    this.method = method;
    this.path = path;
  }

  public static TestEvent of(String method, String path) {
    return new TestEvent(method, path);
  }

  public TestEvent header(String name, String value) {
    headers.put(name, value);
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

  TestEvent base64(String text) {
    base64 = true;
    return body(text);
  }

  TestEvent subject(String name) {
    subject = name;
    return this;
  }

  /** The event as Lambda gives it. */
  public InputStream stream() {
    return new ByteArrayInputStream(Json.write(this::write).getBytes(StandardCharsets.UTF_8));
  }

  Request request() {
    return Request.of(
        EventCodec.readHttpEvent(stream()), null, Deadline.after(Duration.ofMinutes(1)));
  }

  Input input() {
    return request().input();
  }

  private void write(JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("version", "2.0");
    json.writeStringProperty("routeKey", method + " " + path);
    json.writeStringProperty("rawPath", path);
    json.writeStringProperty("rawQueryString", query);
    json.writeObjectPropertyStart("headers");
    headers.forEach(json::writeStringProperty);
    json.writeEndObject();
    json.writeObjectPropertyStart("requestContext");
    json.writeStringProperty("requestId", "request-1");
    json.writeObjectPropertyStart("http");
    json.writeStringProperty("method", method);
    json.writeEndObject();
    if (subject != null) {
      json.writeObjectPropertyStart("authorizer");
      json.writeObjectPropertyStart("jwt");
      json.writeObjectPropertyStart("claims");
      json.writeStringProperty("sub", subject);
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
}
