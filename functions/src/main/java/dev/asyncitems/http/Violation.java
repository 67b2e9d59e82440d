package dev.asyncitems.http;

/**
 * One fault of a request.
 *
 * @param place the part of the request that is at fault
 * @param name a JSON pointer (RFC 6901), or the name of the parameter or header
 * @param detail the rule that is broken, such as {@code must be a string}
 */
public record Violation(Place place, String name, String detail) {
  /** A part of a request. Its lower-case name is a member of {@code violations}. */
  public enum Place {
    POINTER("pointer"),
    PARAMETER("parameter"),
    HEADER("header");

    private final String member;

    Place(String member) {
      this.member = member;
    }

    String member() {
      return member;
    }
  }

  /** Returns a fault of the body. */
  public static Violation at(String pointer, String detail) {
    return new Violation(Place.POINTER, pointer, detail);
  }

  /** Returns a fault of a query parameter. */
  public static Violation parameter(String name, String detail) {
    return new Violation(Place.PARAMETER, name, detail);
  }

  /** Returns a fault of a header. */
  public static Violation header(String name, String detail) {
    return new Violation(Place.HEADER, name, detail);
  }
}
