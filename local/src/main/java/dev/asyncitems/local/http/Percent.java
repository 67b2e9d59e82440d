package dev.asyncitems.local.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A lenient percent-decoder. It leaves a malformed {@code %} unchanged. */
final class Percent {

  private Percent() {}

  /** Decodes a path or a part of it. Bytes that are not UTF-8 become U+FFFD. */
  static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%' && i + 2 <= bytes.length - 1) {
        int high = Character.digit(bytes[i + 1], 16);
        int low = Character.digit(bytes[i + 2], 16);
        if (high >= 0 && low >= 0) {
          decoded.write(high * 16 + low);
          i += 2;
          continue;
        }
      }
      decoded.write(bytes[i]);
    }
    return decoded.toString(StandardCharsets.UTF_8);
  }

  /** Decodes a name or a value of a query, where a plus sign means a space. */
  static String decodeForm(String text) {
    return decode(text.replace('+', ' '));
  }
}
