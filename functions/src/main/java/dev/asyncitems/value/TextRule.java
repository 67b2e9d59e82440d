package dev.asyncitems.value;

import java.util.ArrayList;
import java.util.List;

/**
 * What a text must be: so many Unicode code points, not blank where one is the least, well-formed,
 * and without control characters (Cc).
 *
 * @param min the fewest code points; from 1 on, a text of white space alone is refused
 * @param max the most code points
 * @param lines whether tab, newline and carriage return are allowed
 */
public record TextRule(int min, int max, boolean lines) {
  public TextRule {
    if (min < 0 || max < min) {
      throw new IllegalArgumentException(min + " to " + max);
    }
  }

  /** All that is wrong with a value, each as what it must be; empty when nothing is. */
  public List<String> faults(String value) {
    List<String> faults = new ArrayList<>();
    if (value.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)) {
      faults.add("must be well-formed Unicode: it holds half of a surrogate pair");
    }
    if (value.codePoints().anyMatch(this::forbidden)) {
      faults.add(
          lines
              ? "must not hold control characters but tab, newline and carriage return"
              : "must not hold control characters");
    }
    int length = value.codePointCount(0, value.length());
    if (length < min || length > max) {
      faults.add("must be " + min + " to " + max + " characters long, and is " + length + " long");
    } else if (min > 0 && value.codePoints().allMatch(TextRule::isWhiteSpace)) {
      faults.add("must not be blank");
    }
    return faults;
  }

  /**
   * Gives a value back that has no fault.
   *
   * @throws IllegalArgumentException if it has one
   */
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

  // The Unicode property White_Space, of which each of Java's two methods knows a part.
  private static boolean isWhiteSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
  }
}
