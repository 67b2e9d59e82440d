package dev.asyncitems.json;

import java.io.InputStream;
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
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;

/** The configured parsers and generator of JSON. Thread-safe. */
public final class JsonCodec {
  /** The factory that writes JSON and reads events from Lambda. */
  public static final JsonFactory LENIENT = foreign(Integer.MAX_VALUE).build();

  /** The factory that reads the bodies of requests and of messages. */
  public static final JsonFactory STRICT =
      foreign(Json.MAX_DEPTH).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * Returns a factory for untrusted input. It does not use Jackson's shared table of names. The
   * table throws after about 500 collisions, so one client could make another client's request
   * fail. The factory does not limit lengths, since Lambda limits the size of the input.
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

  private static final int EVENT_DEPTH = 10;

  private JsonCodec() {}

  /**
   * Writes JSON in UTF-8 and closes the stream.
   *
   * @throws tools.jackson.core.JacksonException if writing to the stream fails
   */
  public static void write(OutputStream out, Consumer<JsonGenerator> content) {
    try (JsonGenerator json = LENIENT.createGenerator(ObjectWriteContext.empty(), out)) {
      content.accept(json);
    }
  }

  /**
   * Reads an event from Lambda. Arrays and objects below the tenth level become JSON's {@code
   * null}, since functions do not use them.
   *
   * @return the event; JSON's {@code null} if the stream is empty
   * @throws JacksonException if the event is not JSON
   */
  public static Json readEvent(InputStream in) {
    try (JsonParser parser = LENIENT.createParser(ObjectReadContext.empty(), in)) {
      return parser.nextToken() == null ? new Json.Null() : value(parser, EVENT_DEPTH);
    }
  }

  /** Reads a value. Arrays and objects below the given depth become JSON's {@code null}. */
  static Json value(JsonParser parser, int depth) {
    JsonToken token = parser.currentToken();
    if (depth == 0 && token.isStructStart()) {
      parser.skipChildren();
      return new Json.Null();
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, Json> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          members.put(name, value(parser, depth - 1));
        }
        yield new Json.Obj(members);
      }
      case START_ARRAY -> {
        List<Json> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser, depth - 1));
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
   * Returns a description of a syntax error for logs and clients. The exception's own text is not
   * safe for them, since it quotes the input and names classes.
   */
  public static String describe(JacksonException e) {
    String what =
        String.valueOf(e.getOriginalMessage()).startsWith("Duplicate")
            ? "has a duplicate member"
            : "is not valid JSON";
    var place = e.getLocation();
    return place == null || place.getLineNr() < 1
        ? what
        : what + ", near line " + place.getLineNr() + ", column " + place.getColumnNr();
  }
}
