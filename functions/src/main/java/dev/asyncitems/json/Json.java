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

/** A JSON value (RFC 8259) as a client sent it; numbers are kept as they were written. */
public sealed interface Json {
  /** An object; its members in the order in which they came. */
  record Obj(Map<String, Json> members) implements Json {}

  /** An array. */
  record Arr(List<Json> elements) implements Json {}

  /** A string; it may hold halves of surrogate pairs, which escapes can spell. */
  record Str(String value) implements Json {}

  /** A number as it was written. */
  record Num(String literal) implements Json {}

  /** A literal true or false. */
  record Bool(boolean value) implements Json {}

  /** The literal null. */
  record Null() implements Json {}

  /** How deep arrays and objects may be nested. */
  int MAX_DEPTH = 100;

  /** Writes JSON text. */
  static String write(Consumer<JsonGenerator> content) {
    return new String(bytes(content), StandardCharsets.UTF_8);
  }

  /** Writes JSON text in UTF-8. */
  static byte[] bytes(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    JsonCodec.write(out, content);
    return out.toByteArray();
  }

  /**
   * Reads JSON text strictly: one value, no duplicate names, nothing behind it.
   *
   * @throws Malformed if the text is none, or nested too deep
   */
  static Json parse(String text) throws Malformed {
    try (JsonParser parser = JsonCodec.STRICT.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        throw new Malformed("is empty");
      }
      Json value = JsonCodec.value(parser);
      if (parser.nextToken() != null) {
        throw new Malformed("holds more than one JSON value");
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw new Malformed("is nested more than " + MAX_DEPTH + " deep");
    } catch (JacksonException e) {
      throw new Malformed(JsonCodec.describe(e));
    }
  }

  /** A text is no JSON; the message says where and is safe to show to the client. */
  final class Malformed extends Exception {
    Malformed(String message) {
      super(message);
    }
  }
}
