package dev.asyncitems.local.http;

import dev.asyncitems.local.template.Route;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table of routes that matches requests as HTTP APIs do ("Create routes for HTTP APIs"). The most
 * specific route wins: a literal segment before a parameter, a parameter before {@code {name+}}, a
 * method before {@code ANY}, and {@code $default} last. Immutable.
 */
final class RouteTable {

  private final List<Candidate> candidates = new ArrayList<>();
  private final Optional<Route> fallback;
  private final boolean slashesMatch;

  /** A route and the segments of its path. */
  private record Candidate(Route route, List<String> segments) {}

  /** A matching route and the percent-decoded values of its parameters. */
  record Match(Route route, Map<String, String> parameters) {}

  RouteTable(List<Route> routes, boolean slashesMatch) {
    this.slashesMatch = slashesMatch;
    this.fallback = routes.stream().filter(Route::isDefault).findFirst();
    routes.stream()
        .filter(route -> !route.isDefault())
        .map(route -> new Candidate(route, segments(route.path())))
        .sorted(RouteTable::moreSpecificFirst)
        .forEach(candidates::add);
  }

  private static int moreSpecificFirst(Candidate a, Candidate b) {
    int common = Math.min(a.segments().size(), b.segments().size());
    for (int i = 0; i < common; i++) {
      int order = Integer.compare(rank(a.segments().get(i)), rank(b.segments().get(i)));
      if (order != 0) {
        return order;
      }
    }
    return Comparator.comparingInt((Candidate c) -> -c.segments().size())
        .thenComparing(c -> c.route().method().equals("ANY"))
        .compare(a, b);
  }

  private static int rank(String segment) {
    return segment.endsWith("+}") ? 2 : isParameter(segment) ? 1 : 0;
  }

  private static boolean isParameter(String segment) {
    return segment.startsWith("{") && segment.endsWith("}");
  }

  /**
   * Returns the route of a request, if any.
   *
   * @param path the percent-encoded path as the client sent it
   */
  Optional<Match> find(String method, String path) {
    boolean slash = path.length() > 1 && path.endsWith("/");
    for (Candidate candidate : candidates) {
      String routeMethod = candidate.route().method();
      if (routeMethod.equals("ANY") || routeMethod.equals(method)) {
        Optional<Match> match = match(candidate, path);
        if (match.isEmpty() && slash && slashesMatch) {
          match = match(candidate, path.substring(0, path.length() - 1));
        }
        if (match.isPresent()) {
          return match;
        }
      }
    }
    return fallback.map(route -> new Match(route, Map.of()));
  }

  private static Optional<Match> match(Candidate candidate, String path) {
    if (!path.startsWith("/")) {
      return Optional.empty();
    }
    List<String> wanted = candidate.segments();
    List<String> given = segments(path);
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < wanted.size(); i++) {
      String segment = wanted.get(i);
      if (i >= given.size()) {
        return Optional.empty();
      }
      if (segment.endsWith("+}")) {
        String rest = String.join("/", given.subList(i, given.size()));
        if (rest.isEmpty()) {
          return Optional.empty();
        }
        parameters.put(segment.substring(1, segment.length() - 2), Percent.decode(rest));
        return found(candidate, parameters);
      }
      String value = Percent.decode(given.get(i));
      if (isParameter(segment)) {
        if (value.isEmpty()) {
          return Optional.empty();
        }
        parameters.put(segment.substring(1, segment.length() - 1), value);
      } else if (!segment.equals(value)) {
        return Optional.empty();
      }
    }
    return given.size() == wanted.size() ? found(candidate, parameters) : Optional.empty();
  }

  private static Optional<Match> found(Candidate candidate, Map<String, String> parameters) {
    return Optional.of(new Match(candidate.route(), Collections.unmodifiableMap(parameters)));
  }

  private static List<String> segments(String path) {
    return List.of(path.substring(1).split("/", -1));
  }
}
