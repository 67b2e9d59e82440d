package dev.asyncitems.http;

import java.util.Locale;
import java.util.regex.Pattern;

/** The header {@code Accept-Encoding} (RFC 9110, 12.5.3). */
final class AcceptEncoding {
  private static final Pattern WEIGHT_ZERO = Pattern.compile("q=0(\\.0{0,3})?");

  private AcceptEncoding() {}

  /** Returns whether {@code gzip}, or else {@code *}, is listed with a weight above 0. */
  static boolean acceptsGzip(String value) {
    boolean any = false;
    for (String element : value.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = element.split(";", 2);
      String coding = parts[0].strip();
      boolean accepted = parts.length == 1 || !WEIGHT_ZERO.matcher(parts[1].strip()).matches();
      if (coding.equals("gzip") || coding.equals("x-gzip")) {
        return accepted;
      }
      any |= coding.equals("*") && accepted;
    }
    return any;
  }
}
