package dev.asyncitems.http;

/**
 * One fault of a request.
 *
 * @param place where the fault is: {@code pointer}, {@code parameter} or {@code header}
 * @param name a JSON pointer (RFC 6901), or the name of the parameter or header
 * @param detail the rule that is broken, such as {@code must be a string}
 */
public record Violation(String place, String name, String detail) {
  /** Returns a fault of the body. */
  public static Violation at(String pointer, String detail) {
    return new Violation("pointer", pointer, detail);
  }

  public static Violation parameter(String name, String detail) {
    return new Violation("parameter", name, detail);
  }

  public static Violation header(String name, String detail) {
    return new Violation("header", name, detail);
  }
}
