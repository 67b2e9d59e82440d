package dev.asyncitems.value;

import java.util.ArrayList;
import java.util.List;

/**
 * A rule for a text. It limits the length in Unicode code points, and forbids unpaired surrogates
 * and control characters (Cc).
 *
 * @param min the minimum length; if it is 1 or more, a blank text also breaks the rule
 * @param max the maximum length
 * @param lines whether tab, newline and carriage return are allowed
 */
public record TextRule(int min, int max, boolean lines) {
  public TextRule {
    if (min < 0 || max < min) {
      throw new IllegalArgumentException(
          "need 0 <= min <= max, but min is " + min + " and max is " + max);
    }
  }

  /** Returns the constraints that a text breaks, such as {@code must not be blank}. */
  public List<String> faults(String value) {
    List<String> faults = new ArrayList<>();
    if (value.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)) {
      faults.add("must be well-formed Unicode without unpaired surrogates");
    }
    if (value.codePoints().anyMatch(this::forbidden)) {
      faults.add(
          lines
              ? "must not contain control characters except tab, newline and carriage return"
              : "must not contain control characters");
    }
    int length = value.codePointCount(0, value.length());
    if (length < min || length > max) {
      faults.add("must be " + min + " to " + max + " characters long, but is " + length);
    } else if (min > 0 && value.codePoints().allMatch(TextRule::isWhiteSpace)) {
      faults.add("must not be blank");
    }
    return faults;
  }

  /** Returns the text, or throws {@link IllegalArgumentException} if it breaks the rule. */
  public String require(String value) {
    List<String> faults = faults(value);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
    return value;
  }

  private boolean forbidden(int c) {
    boolean lineCharacter = c == '\t' || c == '\n' || c == '\r';
    return Character.getType(c) == Character.CONTROL && !(lines && lineCharacter);
  }

  // Java's two methods and U+0085 together cover the Unicode property White_Space.
  private static boolean isWhiteSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
  }
}
