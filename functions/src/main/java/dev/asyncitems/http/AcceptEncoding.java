package dev.asyncitems.http;

import java.util.Locale;
import java.util.regex.Pattern;

/** The header {@code Accept-Encoding} (RFC 9110, 12.5.3). */
final class AcceptEncoding {
  private static final Pattern REFUSED = Pattern.compile("q=0(\\.0{0,3})?");

  private AcceptEncoding() {}

  /** Whether {@code gzip} is acceptable: named, or by {@code *}, and not with a weight of 0. */
  static boolean takesGzip(String value) {
    boolean any = false;
    for (String element : value.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = element.split(";", 2);
      String coding = parts[0].strip();
      boolean taken = parts.length == 1 || !REFUSED.matcher(parts[1].strip()).matches();
      if (coding.equals("gzip") || coding.equals("x-gzip")) {
        return taken;
      }
      any |= coding.equals("*") && taken;
    }
    return any;
  }
}
