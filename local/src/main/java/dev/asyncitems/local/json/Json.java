package dev.asyncitems.local.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;

/**
 * A reader and writer of JSON. Thread-safe.
 *
 * <p>Events, messages, cursors and other JSON may contain a client's data. By default, all
 * documents share Jackson's table of names. Crafted names damage this table for later documents.
 * Deep nesting overflows the stack. So this class turns the table off and rejects deep documents.
 * Other classes of the local run must not create a mapper.
 */
public final class Json {

  /** The maximum nesting depth. Documents of Lambda and the engines have fewer than 50 levels. */
  static final int DEPTH_LIMIT = 500;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Parses a document. Returns a missing node if there are no bytes.
   *
   * @throws JsonProcessingException if the bytes are not one JSON document, or have more than
   *     {@value #DEPTH_LIMIT} levels
   */
  public static JsonNode read(byte[] bytes) throws JsonProcessingException {
    try {
      checkDepth(bytes);
      return MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) { // The bytes are not UTF-8, for example.
      throw new JsonParseException(null, String.valueOf(e.getMessage()), e);
    }
  }

  private static void checkDepth(byte[] bytes) throws IOException {
    try (JsonParser parser = MAPPER.createParser(bytes)) {
      int depth = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (depth > DEPTH_LIMIT) {
          throw new JsonParseException(
              parser, "it is nested deeper than " + DEPTH_LIMIT + " levels");
        }
      }
    }
  }

  /** Parses a document. Returns a missing node if the bytes are not one JSON document. */
  public static JsonNode readIfValid(byte[] bytes) {
    try {
      return read(bytes);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  public static byte[] bytes(Object document) {
    try {
      return MAPPER.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // Callers pass only trees, maps, lists and strings.
    }
  }
}
