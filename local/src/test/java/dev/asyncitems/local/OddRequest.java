package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A request of {@code payload/cases.yaml} and its expected event. */
record OddRequest(JsonNode every, JsonNode definition) {

  private static final JsonMapper JSON = new JsonMapper();

  /** Placeholders for values that differ each time, by pattern. */
  private static final Map<String, String> NAMES =
      Map.of(
          "\\d{12}", "ACCOUNT",
          "[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", "UUID",
          "\\d\\d/[A-Z][a-z]{2}/\\d{4}(:\\d\\d){3} \\+0000", "TIME",
          "\\d{13}", "MILLISECONDS",
          "1[7-9]\\d{8}", "SECONDS",
          "Root=1-[0-9a-f]{8}-[0-9a-f]{24}", "TRACE");

  /** A response. Its body is the event, unless the request failed. */
  record Answer(int status, String body, int port) {
    Map<String, String> fields() throws IOException {
      Map<String, String> fields = OddRequest.fields(JSON.readTree(body));
      fields.replaceAll((pointer, value) -> value.equals(Integer.toString(port)) ? "PORT" : value);
      return fields;
    }
  }

  static List<OddRequest> all() throws IOException {
    Object file =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(Path.of("src/test/resources/payload/cases.yaml")));
    List<OddRequest> all = new ArrayList<>();
    JsonNode tree = JSON.valueToTree(file);
    for (JsonNode definition : tree.path("cases")) {
      all.add(new OddRequest(tree.path("every"), definition));
    }
    return all;
  }

  /** Sends the request byte by byte as it is defined. */
  Answer sendTo(URI server) throws IOException {
    byte[] body =
        definition.has("base64")
            ? Base64.getDecoder().decode(definition.path("base64").asText())
            : definition.path("body").asText().getBytes(UTF_8);
    StringBuilder head = new StringBuilder(definition.path("request").asText() + " HTTP/1.1\r\n");
    head.append("Host: api.example.com\r\nUser-Agent: odd/1.0\r\nConnection: close\r\n");
    boolean chunked = false;
    for (JsonNode header : definition.path("headers")) {
      head.append(header.asText()).append("\r\n");
      chunked |= header.asText().endsWith("chunked");
    }
    if (!chunked && (body.length > 0 || head.indexOf("POST") == 0)) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head.append("\r\n").toString().getBytes(UTF_8));
    request.writeBytes(body);
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(60_000);
      request.writeTo(socket.getOutputStream());
      String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      int end = answer.indexOf("\r\n\r\n");
      return new Answer(
          Integer.parseInt(answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length())),
          new String(answer.substring(end + 4).getBytes(ISO_8859_1), UTF_8),
          server.getPort());
    }
  }

  /** Returns the fields of the event in payload format 2.0. */
  Map<String, String> documented() throws IOException {
    JsonNode own = definition.path("event");
    ObjectNode event = every.path("event").deepCopy();
    JSON.readerForUpdating(event).readValue(own);
    ObjectNode context = (ObjectNode) event.path("requestContext");
    context.set("routeKey", own.path("routeKey"));
    ObjectNode http = (ObjectNode) context.path("http");
    http.put("method", definition.path("request").asText().split(" ", 2)[0]);
    http.set("path", own.path("rawPath"));
    return fields(event);
  }

  /** Returns how {@code sam local start-api} differs: values by JSON pointer, or a status. */
  Map<String, String> sam() {
    Map<String, String> differences = new TreeMap<>();
    JsonNode own = definition.path("sam");
    if (!own.has("status")) {
      every.path("sam").properties().forEach(field -> put(differences, field));
    }
    own.properties().forEach(field -> put(differences, field));
    differences.values().removeIf("as documented"::equals);
    return differences;
  }

  private static void put(Map<String, String> fields, Map.Entry<String, JsonNode> field) {
    fields.put(field.getKey(), field.getValue().asText());
  }

  /** Returns the leaves of an event by JSON pointer. */
  private static Map<String, String> fields(JsonNode event) {
    Map<String, String> fields = new TreeMap<>();
    add(fields, "", event);
    return fields;
  }

  private static void add(Map<String, String> fields, String pointer, JsonNode json) {
    if (json.isValueNode()) {
      fields.put(pointer, named(json.asText()));
    }
    for (int i = 0; i < json.size() && json.isArray(); i++) {
      add(fields, pointer + "/" + i, json.path(i));
    }
    json.properties()
        .forEach(member -> add(fields, pointer + "/" + member.getKey(), member.getValue()));
  }

  private static String named(String value) {
    return NAMES.entrySet().stream()
        .filter(name -> value.matches(name.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(value);
  }

  @Override
  public String toString() {
    return definition.path("case").asText();
  }
}
