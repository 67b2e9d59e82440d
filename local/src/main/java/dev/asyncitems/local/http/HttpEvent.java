package dev.asyncitems.local.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.json.Json;
import dev.asyncitems.local.template.Access;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A writer of events in payload format 2.0 ("Create AWS Lambda proxy integrations for HTTP APIs").
 *
 * <p>Two undocumented details were observed on AWS. {@code rawPath} is percent-decoded. UTF-8
 * bodies of {@code text/*}, JSON, XML and JavaScript are text. All other bodies are base64.
 */
final class HttpEvent {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /** Headers that apply to a single connection (RFC 9110, section 7.6.1). */
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade");

  private HttpEvent() {}

  /**
   * A request as the client sent it.
   *
   * @param path percent-encoded
   * @param query the part after the question mark, or the empty string
   * @param headers in their order, names in any case
   * @param port the port that received the request
   */
  @SuppressWarnings("ArrayRecordComponent") // Requests are never compared.
  record Request(
      String method,
      String path,
      String query,
      String protocol,
      List<Map.Entry<String, String>> headers,
      byte[] body,
      String sourceIp,
      int port) {}

  /** The values of an event that do not come from the client's request. */
  record Api(String account, String requestId, Instant time, Map<String, String> stageVariables) {}

  /**
   * Returns the event for a request, as JSON in UTF-8.
   *
   * @param granted the result of the route's authorizer, if it has one
   */
  static byte[] of(
      Request request,
      RouteTable.Match match,
      Api api,
      Optional<JwtAuthorizer.Outcome.Granted> granted) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    String rawPath = Percent.decode(request.path());
    event.put("version", "2.0");
    event.put("routeKey", match.route().key());
    event.put("rawPath", rawPath);
    event.put("rawQueryString", request.query());
    Map<String, String> headers = new LinkedHashMap<>();
    List<String> cookies = new ArrayList<>();
    for (Map.Entry<String, String> header : request.headers()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.equals("cookie")) {
        Arrays.stream(header.getValue().split(";", -1))
            .map(String::strip)
            .filter(cookie -> !cookie.isEmpty())
            .forEach(cookies::add);
      } else if (!HOP_BY_HOP.contains(name)) {
        headers.merge(name, header.getValue(), (first, next) -> first + "," + next);
      }
    }
    headers.put("content-length", Integer.toString(request.body().length));
    addForwarding(headers, request, api);
    if (!cookies.isEmpty()) {
      event.putPOJO("cookies", cookies);
    }
    event.putPOJO("headers", headers);
    if (!request.query().isEmpty()) {
      event.putPOJO("queryStringParameters", query(request.query()));
    }
    if (!match.parameters().isEmpty()) {
      event.putPOJO("pathParameters", match.parameters());
    }
    if (!api.stageVariables().isEmpty()) {
      event.putPOJO("stageVariables", api.stageVariables());
    }
    ObjectNode context = event.putObject("requestContext");
    addContext(context, request, match, api, headers, rawPath);
    granted.ifPresent(found -> addAuthorizer(context.putObject("authorizer"), match, found));
    if (request.body().length > 0) {
      Optional<String> text =
          isText(headers.getOrDefault("content-type", ""))
              ? text(request.body())
              : Optional.empty();
      event.put("body", text.orElseGet(() -> Base64.getEncoder().encodeToString(request.body())));
      event.put("isBase64Encoded", text.isEmpty());
    } else {
      event.put("isBase64Encoded", false);
    }
    return Json.bytes(event);
  }

  private static void addForwarding(Map<String, String> headers, Request request, Api api) {
    headers.merge("x-forwarded-for", request.sourceIp(), (first, last) -> first + ", " + last);
    headers.putIfAbsent("x-forwarded-proto", "http");
    headers.putIfAbsent("x-forwarded-port", Integer.toString(request.port()));
    headers.putIfAbsent(
        "x-amzn-trace-id",
        "Root=1-%08x-%s"
            .formatted(
                api.time().getEpochSecond(), api.requestId().replace("-", "").substring(0, 24)));
  }

  private static void addContext(
      ObjectNode context,
      Request request,
      RouteTable.Match match,
      Api api,
      Map<String, String> headers,
      String rawPath) {
    String domain = headers.getOrDefault("host", "localhost").replaceFirst(":[0-9]*$", "");
    context.put("accountId", api.account());
    context.put("apiId", "local");
    context.put("domainName", domain);
    context.put("domainPrefix", domain.split("\\.", -1)[0]);
    ObjectNode http = context.putObject("http");
    http.put("method", request.method());
    http.put("path", rawPath);
    http.put("protocol", request.protocol());
    http.put("sourceIp", request.sourceIp());
    http.put("userAgent", headers.getOrDefault("user-agent", ""));
    context.put("requestId", api.requestId());
    context.put("routeKey", match.route().key());
    context.put("stage", "$default");
    context.put("time", TIME.format(api.time()));
    context.put("timeEpoch", api.time().toEpochMilli());
  }

  // AWS sends the token's scopes that the route requires, or null if the route requires none.
  private static void addAuthorizer(
      ObjectNode authorizer, RouteTable.Match match, JwtAuthorizer.Outcome.Granted granted) {
    ObjectNode jwt = authorizer.putObject("jwt");
    jwt.putPOJO("claims", granted.claims());
    List<String> wanted = match.route().access().map(Access::scopes).orElse(List.of());
    if (wanted.isEmpty()) {
      jwt.putNull("scopes");
    } else {
      jwt.putPOJO("scopes", granted.scopes().stream().filter(wanted::contains).toList());
    }
  }

  private static Map<String, String> query(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : query.split("&", -1)) {
      if (!part.isEmpty()) {
        int equals = part.indexOf('=');
        String name = Percent.decodeForm(equals < 0 ? part : part.substring(0, equals));
        String value = equals < 0 ? "" : Percent.decodeForm(part.substring(equals + 1));
        parameters.merge(name, value, (first, next) -> first + "," + next);
      }
    }
    return parameters;
  }

  private static boolean isText(String contentType) {
    String type = contentType.split(";", -1)[0].strip().toLowerCase(Locale.ROOT);
    return type.startsWith("text/")
        || type.equals("application/json")
        || type.equals("application/xml")
        || type.equals("application/javascript");
  }

  /** Returns the body as text, if it is valid UTF-8. */
  private static Optional<String> text(byte[] body) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
