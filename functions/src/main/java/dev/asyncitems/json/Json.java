package dev.asyncitems.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;

/** A JSON value (RFC 8259). */
public sealed interface Json {
  /** An object with its members in their original order. */
  record Obj(Map<String, Json> members) implements Json {}

  record Arr(List<Json> elements) implements Json {}

  /** A string. It may contain unpaired surrogates, because JSON allows their escapes. */
  record Str(String value) implements Json {}

  /** A number, exactly as it was written. */
  record Num(String literal) implements Json {}

  record Bool(boolean value) implements Json {}

  record Null() implements Json {}

  /** The maximum depth of nested arrays and objects in {@link #parse}. */
  int MAX_DEPTH = 100;

  static String write(Consumer<JsonGenerator> content) {
    return new String(bytes(content), StandardCharsets.UTF_8);
  }

  /** Returns JSON text in UTF-8. */
  static byte[] bytes(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    JsonCodec.write(out, content);
    return out.toByteArray();
  }

  /**
   * Reads one JSON value. Duplicate names and trailing text are not allowed.
   *
   * @throws Malformed if the text breaks these rules, is not JSON or is nested too deep
   */
  static Json parse(String text) throws Malformed {
    try (JsonParser parser = JsonCodec.STRICT.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        throw new Malformed("is empty");
      }
      Json value = JsonCodec.value(parser, MAX_DEPTH + 1);
      if (parser.nextToken() != null) {
        throw new Malformed("holds more than one JSON value");
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw new Malformed("is nested more than " + MAX_DEPTH + " levels deep");
    } catch (JacksonException e) {
      throw new Malformed(JsonCodec.describe(e));
    }
  }

  /** An exception for malformed JSON. Its text quotes no input, so clients may see it. */
  final class Malformed extends Exception {
    Malformed(String message) {
      super(message);
    }
  }
}
