package dev.asyncitems.http;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A form-encoded query string (WHATWG URL, application/x-www-form-urlencoded parsing). Values are
 * decoded when they are read, so that a malformed unknown parameter does no harm.
 */
final class Query {
  private record Pair(String name, String value) {}

  private final List<Pair> pairs = new ArrayList<>();

  Query(String raw) {
    for (String pair : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      decode(name).ifPresent(decoded -> pairs.add(new Pair(decoded, value)));
    }
  }

  /** Returns all values of a parameter, still encoded. */
  List<String> values(String name) {
    return pairs.stream().filter(pair -> pair.name().equals(name)).map(Pair::value).toList();
  }

  /** Decodes a name or a value. Returns empty if the encoding is malformed or not UTF-8. */
  static Optional<String> decode(String encoded) {
    try {
      // ISO 8859-1 gives one character for each byte, so that UTF-8 can be decoded strictly.
      // URLDecoder would hide malformed UTF-8 behind a replacement character.
      String bytes = URLDecoder.decode(asciiOnly(encoded), StandardCharsets.ISO_8859_1);
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
              .toString());
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return Optional.empty();
    }
  }

  // Clients such as curl send non-ASCII characters without encoding them.
  private static String asciiOnly(String encoded) {
    if (encoded.chars().allMatch(c -> c < 0x80)) {
      return encoded;
    }
    StringBuilder ascii = new StringBuilder();
    encoded
        .codePoints()
        .forEach(c -> {
          String character = Character.toString(c);
          ascii.append(c < 0x80 ? character : URLEncoder.encode(character, StandardCharsets.UTF_8));
        });
    return ascii.toString();
  }
}
