package dev.asyncitems.function;

import dev.asyncitems.value.UuidV7;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A route of the API. A path segment in braces is a parameter. */
record Route(String method, String path) {
  /** The routes of the contract. The build lists them in {@code routes.txt}. */
  static final List<Route> ALL = read();

  /**
   * The form of a path parameter that is not an id. A parameter of this form is safe in headers. A
   * name of dots only does not match, since {@code .} and {@code ..} refer to other folders.
   */
  private static final Pattern NAME = Pattern.compile("(?!\\.+$)[A-Za-z0-9_.-]+");

  private static List<Route> read() {
    try (InputStream file =
        Objects.requireNonNull(Route.class.getResourceAsStream("/routes.txt"), "routes.txt")) {
      return new String(file.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .map(line -> line.split(" ", 2))
          .map(parts -> new Route(parts[0], parts[1]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the methods of a path in alphabetical order; empty if no route has the path. */
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

  boolean matches(String given) {
    String[] expected = path.split("/", -1);
    String[] segments = given.split("/", -1);
    return expected.length == segments.length
        && IntStream.range(0, expected.length).allMatch(i -> matches(expected[i], segments[i]));
  }

  private static boolean matches(String expected, String segment) {
    return switch (expected) {
      // Every resource's id is a UUID.
      case "{id}" -> UuidV7.parse(segment).isPresent();
      case String name when name.startsWith("{") -> NAME.matcher(segment).matches();
      default -> expected.equals(segment);
    };
  }
}
