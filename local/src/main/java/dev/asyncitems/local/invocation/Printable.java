package dev.asyncitems.local.invocation;

import java.util.regex.Pattern;

/** Texts of clients and programs for a terminal. */
public final class Printable {

  private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private Printable() {}

  /**
   * Escapes invisible characters. A text could otherwise move the terminal's cursor, hide text or
   * imitate a line of the console.
   */
  public static String escaped(String text) {
    return INVISIBLE
        .matcher(text)
        .replaceAll(found -> "\\\\u%04x".formatted(found.group().codePointAt(0)));
  }
}
