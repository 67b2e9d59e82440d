package dev.asyncitems.function;

import dev.asyncitems.kernel.UuidV7;
import java.util.List;

/**
 * A route of the API, as {@code template.yaml} declares it; a test holds the two together.
 *
 * @param path its segments; one in braces stands for an id
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
          new Route("GET", "/data"));

  /** The methods that a path has, in alphabetical order; none when it is no path of the API. */
  static List<String> methods(String path) {
    return ALL.stream().filter(route -> route.matches(path)).map(Route::method).sorted().toList();
  }

  // An id that is no UUID names nothing, whatever the method.
  private boolean matches(String given) {
    String parent = path.substring(0, path.lastIndexOf('/') + 1);
    return path.endsWith("/{id}")
        ? given.startsWith(parent) && UuidV7.parse(given.substring(parent.length())).isPresent()
        : path.equals(given);
  }
}
