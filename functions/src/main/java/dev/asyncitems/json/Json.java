package dev.asyncitems.json;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
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
   * Reads one JSON value in UTF-8 as {@link #parse(String)} does.
   *
   * @throws Malformed if the bytes are not UTF-8 or not JSON, or JSON is nested too deep
   */
  static Json parse(ByteBuffer utf8) throws Malformed {
    return parse(decode(utf8));
  }

  /**
   * Decodes text.
   *
   * @throws Malformed if the bytes are not UTF-8
   */
  static String decode(ByteBuffer utf8) throws Malformed {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8.duplicate()).toString();
    } catch (CharacterCodingException e) {
      throw new Malformed("is not UTF-8");
    }
  }

  /**
   * Reads a JSON array and returns the text of each element, on one line. Returns empty for another
   * JSON value.
   *
   * @throws Malformed if the text is not JSON or is nested too deep
   */
  static Optional<List<String>> elements(String text) throws Malformed {
    try (JsonParser parser = JsonCodec.STRICT.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        parse(text);
        return Optional.empty();
      }
      List<String> elements = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        JsonCodec.value(parser, MAX_DEPTH);
        parser.finishToken();
        int end = (int) parser.currentLocation().getCharOffset();
        // Strings in JSON hold no raw line breaks.
        elements.add(text.substring(start, end).replace('\n', ' ').replace('\r', ' '));
      }
      if (parser.nextToken() != null) {
        throw new Malformed("holds more than one JSON value");
      }
      return Optional.of(elements);
    } catch (JacksonException e) {
      throw malformed(e);
    }
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
    } catch (JacksonException e) {
      throw malformed(e);
    }
  }

  private static Malformed malformed(JacksonException e) {
    return new Malformed(
        e instanceof StreamConstraintsException
            ? "is nested more than " + MAX_DEPTH + " levels deep"
            : JsonCodec.describe(e));
  }

  /** An exception for malformed JSON. Its text quotes no input, so clients may see it. */
  final class Malformed extends Exception {
    public Malformed(String message) {
      super(message);
    }
  }
}
