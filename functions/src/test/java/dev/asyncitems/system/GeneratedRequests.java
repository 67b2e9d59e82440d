package dev.asyncitems.system;

import dev.asyncitems.system.Contract.Operation;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.quicktheories.core.Gen;
import org.quicktheories.core.RandomnessSource;
import org.quicktheories.impl.Constraint;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Generates requests from the contract, valid and invalid in similar numbers. Values at the bounds
 * are frequent. The generator does not know which requests are valid; the contract decides.
 */
final class GeneratedRequests {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String[] CHARACTERS = {
    "a", "Z", "7", " ", "-", "\"", "\\", "/", "é", "ß", "漢", "😀", "\u0301", "\u00a0", "\u2028",
    "\ufeff", "\ufffd", "\n", "\t", "\u0000", "\u0085", "%", "&", "<"
  };
  private static final String[] TYPES = {
    "application/json",
    "application/merge-patch+json",
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "text/plain",
    "application/json; charset=latin1",
    "application/xml"
  };
  private static final String[] METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

  private final Contract contract;
  private final Map<String, List<String>> rows;

  /**
   * Creates a generator.
   *
   * @param rows ids of existing rows, by their path
   */
  GeneratedRequests(Contract contract, Map<String, List<String>> rows) {
    this.contract = contract;
    this.rows = Map.copyOf(rows);
  }

  /** Generates requests to all operations. */
  Gen<Contract.Request> all() {
    return random -> request(new Dice(random));
  }

  private Contract.Request request(Dice dice) {
    Operation operation = dice.of(contract.operations());
    String method = dice.oneIn(30) ? dice.of(List.of(METHODS)) : operation.method();
    String path = operation.path();
    List<String> query = new ArrayList<>();
    Map<String, String> headers = new TreeMap<>();
    for (JsonNode parameter : operation.parameters()) {
      String name = parameter.required("name").asString();
      switch (parameter.required("in").asString()) {
        case "path" ->
            path = path.replace("{" + name + "}", encoded(segment(operation, parameter, dice)));
        case "query" -> {
          for (int times = times(parameter, dice); times > 0; times--) {
            query.add(name + "=" + encoded(text(parameter, dice)));
          }
        }
        default -> {
          if (times(parameter, dice) > 0) {
            headers.put(name.toLowerCase(Locale.ROOT), sendable(text(parameter, dice)));
          }
        }
      }
    }
    if (dice.oneIn(10)) {
      query.add(dice.of(List.of("unknown=1", "%25zz", "=", "a&b", "limit", "%6Cimit=5")));
    }
    String body = operation.requestBody().map(content -> body(content, headers, dice)).orElse("");
    return new Contract.Request(method, path, String.join("&", query), Map.copyOf(headers), body);
  }

  private static int times(JsonNode parameter, Dice dice) {
    boolean required = parameter.path("required").asBoolean();
    return dice.oneIn(20) ? 2 : dice.oneIn(required ? 10 : 2) ? 0 : 1;
  }

  private String segment(Operation operation, JsonNode parameter, Dice dice) {
    List<String> there = rows.getOrDefault(operation.path(), List.of());
    String segment = !there.isEmpty() && !dice.oneIn(5) ? dice.of(there) : text(parameter, dice);
    return segment.isEmpty() || segment.equals(".") || segment.equals("..") ? "-" : segment;
  }

  private String text(JsonNode parameter, Dice dice) {
    JsonNode value =
        parameter.has("example") && !dice.oneIn(4)
            ? parameter.required("example")
            : value(parameter.required("schema"), dice);
    return value.isContainer() ? value.toString() : value.asString();
  }

  private String body(JsonNode content, Map<String, String> headers, Dice dice) {
    var media = dice.of(List.copyOf(content.required("content").properties()));
    if (!dice.oneIn(5)) {
      headers.put("content-type", dice.oneIn(8) ? dice.of(List.of(TYPES)) : media.getKey());
    }
    String text = value(media.getValue().required("schema"), dice).toString();
    return switch (dice.upTo(39)) {
      case 0 -> text.substring(0, dice.upTo(text.length()));
      case 1 -> text + dice.of(List.of("x", "{}", " ", "\n"));
      case 2 -> "\ufeff" + text;
      case 3 -> text.replaceFirst("\\{", "{\"name\":\"a\",\"name\":\"b\",");
      case 4 -> "";
      default -> text;
    };
  }

  /** Returns a value of a schema, or sometimes an invalid one. */
  private JsonNode value(JsonNode schemaOrReference, Dice dice) {
    JsonNode schema = contract.resolved(schemaOrReference);
    if (dice.oneIn(40)) {
      return other(dice);
    }
    if (schema.has("examples") && !dice.oneIn(4)) {
      return dice.of(list(schema.required("examples")));
    }
    if (schema.has("oneOf")) {
      return value(dice.of(list(schema.required("oneOf"))), dice);
    }
    if (schema.has("enum")) {
      return dice.of(list(schema.required("enum")));
    }
    return switch (schema.path("type").asString("")) {
      case "object" -> object(schema, dice);
      case "array" -> array(schema, dice);
      case "string" -> string(schema, dice);
      case "integer" ->
          NODES.numberNode(
              dice.around(schema.path("minimum").asInt(0), schema.path("maximum").asInt(1_000)));
      case "number" ->
          NODES.numberNode(
              BigDecimal.valueOf(dice.around(0, 99_999_999_999L), dice.oneIn(20) ? 3 : 2));
      case "null" -> NODES.nullNode();
      default -> other(dice);
    };
  }

  private JsonNode object(JsonNode schema, Dice dice) {
    ObjectNode object = NODES.objectNode();
    List<String> required = list(schema.path("required")).stream().map(JsonNode::asString).toList();
    schema
        .required("properties")
        .properties()
        .forEach(property -> {
          if (!dice.oneIn(required.contains(property.getKey()) ? 40 : 2)) {
            object.set(property.getKey(), value(property.getValue(), dice));
          }
        });
    if (dice.oneIn(40)) {
      object.set("unknown", other(dice));
    }
    return object;
  }

  private JsonNode array(JsonNode schema, Dice dice) {
    ArrayNode array = NODES.arrayNode();
    long length = dice.oneIn(10) ? dice.around(0, schema.path("maxItems").asInt(10)) : dice.upTo(3);
    for (int i = 0; i < length; i++) {
      array.add(value(schema.required("items"), dice));
    }
    return array;
  }

  private static JsonNode string(JsonNode schema, Dice dice) {
    int most = schema.path("maxLength").asInt(40);
    long length =
        dice.oneIn(10)
            ? dice.around(schema.path("minLength").asInt(0), most)
            : dice.upTo(Math.min(most, 12));
    StringBuilder text = new StringBuilder();
    // Mostly plain characters, because few texts with odd ones are valid.
    boolean odd = dice.oneIn(6);
    for (int i = 0; i < length; i++) {
      text.append(odd ? dice.of(List.of(CHARACTERS)) : "abcdefgh".charAt(dice.upTo(7)));
    }
    return NODES.stringNode(text.toString());
  }

  private static JsonNode other(Dice dice) {
    return switch (dice.upTo(7)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(true);
      case 2 -> NODES.numberNode(-1);
      case 3 -> NODES.numberNode(new BigDecimal("1e400"));
      case 4 -> NODES.stringNode("");
      case 5 -> NODES.arrayNode().add(NODES.nullNode());
      case 6 -> NODES.objectNode().put("a", 1);
      default -> NODES.stringNode("x".repeat(300));
    };
  }

  private static List<JsonNode> list(JsonNode array) {
    return array.valueStream().toList();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Returns the text with only characters that an HTTP client allows in a header. */
  private static String sendable(String text) {
    return text.replaceAll("[^ -~]", "~").strip();
  }

  /** Random choices. The simplest come first, so that a failing request can shrink. */
  private record Dice(RandomnessSource random) {
    int upTo(int most) {
      return (int) random.next(Constraint.between(0, most));
    }

    boolean oneIn(int many) {
      return upTo(many - 1) == many - 1 && many > 1;
    }

    <T> T of(List<T> all) {
      return all.get(upTo(all.size() - 1));
    }

    /**
     * Returns a number from least to most. It is often one of the bounds, and sometimes just
     * outside.
     */
    long around(long least, long most) {
      return switch (upTo(9)) {
        case 7 -> least;
        case 8 -> most;
        case 9 -> oneIn(2) ? least - 1 : most + 1;
        default -> random.next(Constraint.between(least, most));
      };
    }
  }
}
