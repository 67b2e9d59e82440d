package dev.asyncitems.local.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * Reads and writes JSON. Thread-safe.
 *
 * <p>Everything that the local run reads may hold what a client chose: events, answers, cursors,
 * messages, an issuer's documents. Two properties of Jackson would let such a document do harm. It
 * keeps the names that it has read in a table that all later documents share: names whose hashes
 * collide make it throw, and the table stays damaged. And it needs a frame of the stack for each
 * level of nesting. So the table is off, deep documents are rejected, and no other class of the
 * local run makes a mapper.
 */
public final class Json {

  /** Levels of nesting that a document may have. Lambda's and the engines' own have under 50. */
  static final int DEPTH_LIMIT = 500;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Reads a document; a missing node if there are no bytes.
   *
   * @throws JsonProcessingException if the bytes are not one JSON document, or it is nested deeper
   *     than {@value #DEPTH_LIMIT} levels
   */
  public static JsonNode read(byte[] bytes) throws JsonProcessingException {
    try {
      checkDepth(bytes);
      return MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) { // such as bytes that are not UTF-8
      throw new NotJson(String.valueOf(e.getMessage()), e);
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

  private static final class NotJson extends JsonProcessingException {
    private static final long serialVersionUID = 1L;

    NotJson(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Writes a document. */
  public static byte[] bytes(Object document) {
    try {
      return MAPPER.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // only trees, maps, lists and texts are given
    }
  }

  /** Writes a document as text. */
  public static String text(JsonNode document) {
    try {
      return MAPPER.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // a tree can always be written
    }
  }
}
