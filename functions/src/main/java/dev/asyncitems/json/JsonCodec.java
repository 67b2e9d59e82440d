package dev.asyncitems.json;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;

/**
 * The parser's and the generator's settings, and how {@link Json} is read with them. Safe for use
 * by any number of threads.
 */
public final class JsonCodec {
  /** Writes JSON, and reads events, whose names and values are a client's in part. */
  public static final JsonFactory LENIENT = foreign(Integer.MAX_VALUE).build();

  /** Reads bodies. */
  public static final JsonFactory STRICT =
      foreign(Json.MAX_DEPTH).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * A factory for foreign input, which keeps nothing between two readings. Jackson's table of names
   * throws once a few dozen names collide. It belongs to the factory, so that names that one client
   * made collide would also fail the next client's requests. Sizes are bounded by Lambda.
   */
  private static JsonFactoryBuilder foreign(int maxDepth) {
    return JsonFactory.builder()
        .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(maxDepth)
                .maxNameLength(Integer.MAX_VALUE)
                .maxNumberLength(Integer.MAX_VALUE)
                .maxStringLength(Integer.MAX_VALUE)
                .build());
  }

  private JsonCodec() {}

  /**
   * Writes JSON in UTF-8 and closes the stream.
   *
   * @throws tools.jackson.core.JacksonException if the stream takes no bytes
   */
  public static void write(OutputStream out, Consumer<JsonGenerator> content) {
    try (JsonGenerator json = LENIENT.createGenerator(ObjectWriteContext.empty(), out)) {
      content.accept(json);
    }
  }

  static Json value(JsonParser parser) {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> {
        Map<String, Json> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          members.put(name, value(parser));
        }
        yield new Json.Obj(members);
      }
      case START_ARRAY -> {
        List<Json> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser));
        }
        yield new Json.Arr(elements);
      }
      case VALUE_STRING -> new Json.Str(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Num(parser.getString());
      case VALUE_TRUE -> new Json.Bool(true);
      case VALUE_FALSE -> new Json.Bool(false);
      case VALUE_NULL -> new Json.Null();
      default -> throw new IllegalStateException("token " + token);
    };
  }

  /**
   * Returns what is wrong with a text that is not JSON and where, safe to log and to show to a
   * client. The parser's own message quotes the input and names classes.
   */
  public static String describe(JacksonException e) {
    String what =
        String.valueOf(e.getOriginalMessage()).startsWith("Duplicate")
            ? "has a member twice"
            : "is not valid JSON";
    var place = e.getLocation();
    return place == null || place.getLineNr() < 1
        ? what
        : what + ", near line " + place.getLineNr() + ", column " + place.getColumnNr();
  }
}
