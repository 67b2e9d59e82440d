package dev.asyncitems.function;

import dev.asyncitems.value.UuidV7;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A route of the API, as {@code template.yaml} declares it; a test holds the two together.
 *
 * @param path its segments; one in braces stands for an id or a name
 */
record Route(String method, String path) {
  static final List<Route> ALL =
      List.of(
          new Route("GET", "/items"),
          new Route("POST", "/items"),
          new Route("GET", "/items/{id}"),
          new Route("PUT", "/items/{id}"),
          new Route("PATCH", "/items/{id}"),
          new Route("DELETE", "/items/{id}"),
          new Route("POST", "/notifications"),
          new Route("GET", "/notifications"),
          new Route("GET", "/notifications/{id}"),
          new Route("GET", "/send-notification"),
          new Route("GET", "/data"),
          new Route("GET", "/openapi.json"),
          new Route("GET", "/docs"),
          new Route("GET", "/docs/{file}"),
          new Route("GET", "/problems/{type}"));

  /** What a name that is no id may be; it is put into headers. Dots alone lead elsewhere. */
  private static final Pattern NAME = Pattern.compile("(?!\\.+$)[A-Za-z0-9_.-]+");

  /** The methods that a path has, in alphabetical order; none when it is no path of the API. */
  static List<String> methods(String path) {
    List<String> methods = new ArrayList<>();
    for (Route route : ALL) {
      if (route.matches(path)) {
        methods.add(route.method);
      }
    }
    methods.sort(Comparator.naturalOrder());
    return methods;
  }

  /** Returns whether a request's path is one of this route. */
  boolean matches(String given) {
    String[] expected = path.split("/", -1);
    String[] segments = given.split("/", -1);
    return expected.length == segments.length
        && IntStream.range(0, expected.length).allMatch(i -> matches(expected[i], segments[i]));
  }

  private static boolean matches(String expected, String segment) {
    return switch (expected) {
      // An id that is no UUID names nothing, whatever the method.
      case "{id}" -> UuidV7.parse(segment).isPresent();
      case String name when name.startsWith("{") -> NAME.matcher(segment).matches();
      default -> expected.equals(segment);
    };
  }
}
