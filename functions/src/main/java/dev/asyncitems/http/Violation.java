package dev.asyncitems.http;

/**
 * One fault of a request.
 *
 * @param place where it is
 * @param name the JSON pointer (RFC 6901), or the parameter's or the header's name
 * @param detail what it must be
 */
public record Violation(Place place, String name, String detail) {
  /** Where a fault is; its name is the member's in a problem's {@code violations}. */
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

  /** A fault of the body. */
  public static Violation at(String pointer, String detail) {
    return new Violation(Place.POINTER, pointer, detail);
  }

  /** A fault of a query parameter. */
  public static Violation parameter(String name, String detail) {
    return new Violation(Place.PARAMETER, name, detail);
  }

  /** A fault of a header. */
  public static Violation header(String name, String detail) {
    return new Violation(Place.HEADER, name, detail);
  }
}
