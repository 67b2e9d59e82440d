package dev.asyncitems.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.JsonNodeException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The served contract, which judges requests and answers. A library checks values against schemas
 * (JSON Schema 2020-12, dialect of OpenAPI 3.1). This class chooses the schema by the rules of
 * OpenAPI. Thread-safe.
 */
public final class Contract {
  private static final String IRI = "https://contract.invalid/openapi.json";
  private static final String UNMATCHED = "$default";
  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  /** The statuses with which the local run answers in place of the gateway. */
  private static final Set<Integer> OF_THE_FRONT = Set.of(413, 431);

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** Headers that the check ignores, because they belong to the transport or to the gateway. */
  private static final Set<String> OF_THE_GATEWAY =
      Set.of("apigw-requestid", "connection", "content-length", "content-type", "date");

  private static final Contract SERVED = new Contract(read());

  private final ObjectNode root;
  private final List<Operation> operations = new ArrayList<>();
  private final SchemaRegistry registry;
  private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

  private Contract(ObjectNode served) {
    root = served;
    makeReferencesAbsolute(root);
    applyStrictRules(root);
    close(root.required("components").required("schemas"));
    String text = JSON.writeValueAsString(root);
    var config = SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
    registry =
        SchemaRegistry.withDefaultDialect(
            Dialects.getOpenApi31(),
            builder -> builder.schemaRegistryConfig(config).schemas(Map.of(IRI, text)));
    root.required("paths")
        .properties()
        .forEach(path -> {
          path.getValue().properties().stream()
              .filter(member -> METHODS.contains(member.getKey()))
              .forEach(method ->
                  operations.add(
                      operation(
                          method.getKey().toUpperCase(Locale.ROOT),
                          path.getKey(),
                          method.getValue())));
        });
  }

  /** Returns the contract that the function serves. */
  public static Contract served() {
    return SERVED;
  }

  /**
   * An operation, with its direct references resolved.
   *
   * @param scopes the scopes of which a token must have one, where the API requires tokens; empty
   *     if the operation requires no token
   */
  record Operation(
      String id,
      String method,
      String path,
      List<JsonNode> parameters,
      Optional<JsonNode> requestBody,
      Optional<List<String>> scopes,
      Map<Integer, JsonNode> responses) {

    /** Returns the route key, such as {@code GET /items/{id}}. */
    String key() {
      return method + " " + path;
    }

    boolean matches(String methodOfRequest, String pathOfRequest) {
      String[] pattern = path.split("/", -1);
      String[] given = pathOfRequest.split("/", -1);
      boolean matches = method.equals(methodOfRequest) && pattern.length == given.length;
      for (int i = 0; matches && i < pattern.length; i++) {
        matches = pattern[i].startsWith("{") ? !given[i].isEmpty() : pattern[i].equals(given[i]);
      }
      return matches;
    }
  }

  /** A request, with lower-case header names and a path without the query. */
  record Request(
      String method, String path, String query, Map<String, String> headers, String body) {}

  /** An answer, with lower-case header names. */
  record Answer(int status, Map<String, String> headers, String body) {}

  /** Returns all operations. */
  List<Operation> operations() {
    return operations;
  }

  /** Returns the answers to requests that match no operation, by status. */
  Map<Integer, JsonNode> unmatched() {
    return responses(root.required("x-unmatched"));
  }

  /** Returns the statuses of API Gateway's own answers. */
  Set<Integer> gatewayStatuses() {
    return root.required("x-gateway")
        .required("statuses")
        .valueStream()
        .map(JsonNode::asInt)
        .collect(Collectors.toSet());
  }

  /** Returns a schema by name. */
  public JsonNode component(String name) {
    return root.required("components").required("schemas").required(name);
  }

  /** Returns the schemas of all problem types. */
  List<JsonNode> problems() {
    return root.required("components")
        .required("schemas")
        .valueStream()
        .filter(schema -> !problemType(schema).isEmpty())
        .toList();
  }

  /** Returns the type of a problem's schema, without a base path, or empty for another schema. */
  static String problemType(JsonNode schema) {
    return schema
        .at("/properties/type/pattern")
        .asString("")
        .replaceFirst(".*(/problems/[a-z-]+)\\$$", "$1");
  }

  /** Returns the target of a reference, or the node itself if it is not a reference. */
  public JsonNode resolved(JsonNode node) {
    return node.has("$ref") && node.size() == 1
        ? resolved(
            root.at(JsonPointer.compile(node.path("$ref").asString().substring(IRI.length() + 1))))
        : node;
  }

  /** Returns the first example of an operation's request, or empty if it has no body. */
  String exampleRequest(String key) {
    return operations.stream()
        .filter(one -> one.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new AssertionError("the contract has no operation " + key))
        .requestBody()
        .map(content -> content.required("content").valueStream().findFirst().orElseThrow())
        .map(media -> media.required("examples").valueStream().findFirst().orElseThrow())
        .map(example -> resolved(example).required("value").toString())
        .orElse("");
  }

  /** Returns the operation that matches a request, if any. */
  Optional<Operation> operation(Request request) {
    return operations.stream()
        .filter(one -> one.matches(request.method(), plain(request.path())))
        .min((a, b) -> Boolean.compare(a.path().contains("{"), b.path().contains("{")));
  }

  /** Checks that the contract allows an answer, and also the request if it was accepted. */
  void check(Request request, Answer answer) {
    List<String> faults = new ArrayList<>(faults(request, answer));
    if (answer.status() < 300 || Set.of(304, 412, 503, 504).contains(answer.status())) {
      operation(request)
          .ifPresent(operation ->
              faults(operation, request)
                  .forEach(fault -> faults.add("the request was taken, but " + fault)));
    }
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "off the contract: " + String.join("; ", faults) + "\n" + request + "\n" + answer);
    }
  }

  /**
   * Checks a direct call of a function like {@link #check(Request, Answer)}. Does nothing unless
   * the event is an HTTP request.
   */
  public void check(byte[] event, byte[] answer) {
    JsonNode sent = JSON.readTree(event);
    JsonNode got = JSON.readTree(answer);
    if (!sent.has("routeKey")) {
      return;
    }
    String body = sent.path("body").asString("");
    if (sent.path("isBase64Encoded").asBoolean() || got.path("isBase64Encoded").asBoolean()) {
      return;
    }
    check(
        new Request(
            sent.at("/requestContext/http/method").asString(""),
            sent.path("rawPath").asString("/"),
            sent.path("rawQueryString").asString(""),
            texts(sent.path("headers")),
            body),
        new Answer(
            got.required("statusCode").asInt(),
            texts(got.path("headers")),
            got.path("body").asString("")));
  }

  // ---- answers

  /** Returns how an answer violates the contract. */
  List<String> faults(Request request, Answer answer) {
    if (isOfTheGateway(answer)) {
      return List.of();
    }
    Optional<Operation> operation = operation(request);
    boolean slash = plain(request.path()).length() < request.path().length();
    Map<Integer, JsonNode> named =
        operation.isEmpty() || (slash && answer.status() == 308)
            ? unmatched()
            : operation.get().responses();
    String place = operation.map(Operation::key).orElse(UNMATCHED);
    JsonNode response = named.get(answer.status());
    if (response == null) {
      return List.of(place + " has no answer " + answer.status());
    }
    List<String> faults = new ArrayList<>();
    checkHeaders(response.path("headers"), answer, faults);
    if (!request.method().equals("HEAD")) {
      checkContent(response.path("content"), answer, faults);
    }
    return faults.stream().map(fault -> place + " " + answer.status() + ": " + fault).toList();
  }

  private void checkHeaders(JsonNode declared, Answer answer, List<String> faults) {
    Map<String, JsonNode> byName = new TreeMap<>();
    declared
        .properties()
        .forEach(
            one -> byName.put(one.getKey().toLowerCase(Locale.ROOT), resolved(one.getValue())));
    byName.forEach((name, header) -> {
      String value = answer.headers().get(name);
      if (value != null) {
        checkText("header " + name, header.required("schema"), value, faults);
      } else if (header.path("required").asBoolean()) {
        faults.add("header " + name + " is missing");
      }
    });
    if (Gateway.current() == Gateway.LOCAL_RUN) {
      answer.headers().keySet().stream()
          .filter(name -> !byName.containsKey(name) && !OF_THE_GATEWAY.contains(name))
          .filter(name -> !name.startsWith("access-control-"))
          .forEach(name -> faults.add("header " + name + " isn't named"));
    }
  }

  private void checkContent(JsonNode content, Answer answer, List<String> faults) {
    if (content.isEmpty()) {
      if (!answer.body().isEmpty()) {
        faults.add("it has a body");
      }
      return;
    }
    String type = answer.headers().getOrDefault("content-type", "");
    JsonNode media = content.path(type);
    if (media.isMissingNode()) {
      faults.add("its type is '" + type + "'");
    } else if (media.has("schema")) {
      checkValue("body", media.required("schema"), value(type, answer.body()).orElse(null), faults);
    }
  }

  /**
   * Returns whether the gateway gave an answer, in its form {@code {"message": ...}}. In the local
   * run, this is the problem of its front.
   */
  private boolean isOfTheGateway(Answer answer) {
    boolean status =
        Gateway.current() == Gateway.LOCAL_RUN
            ? OF_THE_FRONT.contains(answer.status())
            : gatewayStatuses().contains(answer.status());
    String type = answer.headers().getOrDefault("content-type", "");
    Optional<JsonNode> body = type.contains("json") ? value(type, answer.body()) : Optional.empty();
    return status
        && body.filter(value ->
                value.path("type").asString("").equals("about:blank")
                    || (answer.status() >= 400 && !value.has("type") && value.has("message")))
            .isPresent();
  }

  // ---- requests

  /** Returns how a request violates the contract. */
  List<String> faults(Operation operation, Request request) {
    List<String> faults = new ArrayList<>();
    for (JsonNode parameter : operation.parameters()) {
      String name = parameter.required("name").asString();
      List<String> values = values(operation, parameter, request);
      String place = parameter.required("in").asString() + " parameter " + name;
      if (values.size() > 1) {
        faults.add(place + " is repeated");
      } else if (values.size() == 1) {
        checkText(place, parameter.required("schema"), values.getFirst(), faults);
      } else if (parameter.path("required").asBoolean()) {
        faults.add(place + " is missing");
      }
    }
    operation.requestBody().ifPresent(body -> checkBody(body, request, faults));
    return faults;
  }

  private static List<String> values(Operation operation, JsonNode parameter, Request request) {
    String name = parameter.required("name").asString();
    return switch (parameter.required("in").asString()) {
      case "query" -> queryValues(request.query(), name);
      case "header" ->
          Optional.ofNullable(request.headers().get(name.toLowerCase(Locale.ROOT))).stream()
              .toList();
      default -> {
        int at = List.of(operation.path().split("/", -1)).indexOf("{" + name + "}");
        yield List.of(decoded(plain(request.path()).split("/", -1)[at]));
      }
    };
  }

  private static List<String> queryValues(String query, String name) {
    List<String> values = new ArrayList<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (decoded(equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
        values.add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    return values;
  }

  private void checkBody(JsonNode body, Request request, List<String> faults) {
    JsonNode content = body.required("content");
    // Without a type, a recipient may guess (RFC 9110, 8.3). The API assumes JSON.
    String type = request.headers().getOrDefault("content-type", "application/json");
    String bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    boolean utf8 = !type.matches("(?i).*;\\s*charset=(?!\"?utf-?8).*");
    JsonNode media = content.path(bare);
    if (media.isMissingNode() || !utf8) {
      faults.add("the body's type is " + type);
    } else {
      checkValue(
          "body", media.required("schema"), value(bare, request.body()).orElse(null), faults);
    }
  }

  // ---- values

  /** Checks the value of a parameter or a header, converted to the type of its schema. */
  private void checkText(String place, JsonNode schema, String text, List<String> faults) {
    JsonNode value = JSON.getNodeFactory().stringNode(text);
    if (resolved(schema).path("type").asString("").equals("integer") && text.matches("-?[0-9]+")) {
      value = JSON.readTree(text.replaceFirst("^(-?)0+(?=.)", "$1"));
    }
    checkValue(place, schema, value, faults);
  }

  private void checkValue(
      String place, JsonNode schema, @Nullable JsonNode value, List<String> faults) {
    if (value == null) {
      faults.add(place + " is no JSON");
    } else {
      faults(schema, value).forEach(fault -> faults.add(place + fault));
    }
  }

  /** Returns how a value violates a schema of this contract. */
  public List<String> faults(JsonNode schema, JsonNode value) {
    Schema compiled = schemas.computeIfAbsent(schema, registry::getSchema);
    try {
      return compiled.validate(value).stream().map(Object::toString).toList();
    } catch (JsonNodeException e) {
      // The validator cannot compare 1e400 with the bounds of an integer, which are longs.
      return List.of(": " + e.getMessage());
    }
  }

  /** Parses a body, or returns empty if the type requires JSON and the text is not JSON. */
  public static Optional<JsonNode> value(String type, String text) {
    if (!type.contains("json") || type.contains("ndjson")) {
      return Optional.of(JSON.getNodeFactory().stringNode(text));
    }
    try {
      return Optional.of(JSON.readTree(text)).filter(value -> !value.isMissingNode());
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** Returns a path without its trailing slash. */
  private static String plain(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static String decoded(String encoded) {
    try {
      return URLDecoder.decode(encoded, UTF_8);
    } catch (IllegalArgumentException e) {
      return encoded;
    }
  }

  // ---- reading

  private static ObjectNode read() {
    try (InputStream served =
        Objects.requireNonNull(Contract.class.getResourceAsStream("/docs/openapi.json"))) {
      return (ObjectNode) JSON.readTree(served);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Operation operation(String method, String path, JsonNode operation) {
    return new Operation(
        operation.path("operationId").asString(""),
        method,
        path,
        list(operation.path("parameters")).stream().map(this::resolved).toList(),
        Optional.of(operation.path("requestBody"))
            .filter(body -> !body.isMissingNode())
            .map(this::resolved),
        operation
            .path("security")
            .valueStream()
            .filter(choice -> choice.has("token"))
            .map(choice -> choice.required("token").valueStream().map(JsonNode::asString).toList())
            .findFirst(),
        responses(operation.required("responses")));
  }

  private Map<Integer, JsonNode> responses(JsonNode byStatus) {
    Map<Integer, JsonNode> responses = new TreeMap<>();
    byStatus
        .properties()
        .forEach(one -> responses.put(Integer.valueOf(one.getKey()), resolved(one.getValue())));
    return responses;
  }

  private static List<JsonNode> list(JsonNode array) {
    return array.valueStream().toList();
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object
        .properties()
        .forEach(
            one -> texts.put(one.getKey().toLowerCase(Locale.ROOT), one.getValue().asString()));
    return texts;
  }

  /**
   * Makes references absolute, so that each schema can be checked alone. The mapping of a
   * discriminator contains references too.
   */
  private static void makeReferencesAbsolute(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        String text = object.path(name).asString("");
        if (text.startsWith("#/")) {
          object.put(name, IRI + text);
        }
      }
    }
    if (node instanceof ObjectNode || node instanceof ArrayNode) {
      node.valueStream().forEach(Contract::makeReferencesAbsolute);
    }
  }

  /**
   * Moves the rules in {@code x-strict} into their schemas. They are separate because common tools
   * misread them, but this check needs them.
   */
  private static void applyStrictRules(JsonNode node) {
    if (node instanceof ObjectNode object && object.has("x-strict")) {
      object.withArray("allOf").add(object.remove("x-strict"));
    }
    node.valueStream().forEach(Contract::applyStrictRules);
  }

  /**
   * Forbids unknown members. Clients ignore unknown members of answers, but a test must report
   * them.
   */
  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.path("type").asString("").equals("object")
        && object.has("properties")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    schema.valueStream().forEach(Contract::close);
  }
}
