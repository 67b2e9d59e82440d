package dev.asyncitems.local.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.template.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {

  private static final List<String> KEYS =
      List.of(
          "ANY /{proxy+}",
          "GET /pets/{id}",
          "GET /pets/{proxy+}",
          "GET /pets/dog",
          "ANY /pets/dog",
          "GET /pets",
          "GET /pets/{id}/toys",
          "$default");

  private static RouteTable table(boolean slashesMatch, List<String> keys) {
    List<Route> routes = new ArrayList<>();
    for (String key : keys) {
      int space = key.indexOf(' ');
      String method = space < 0 ? "" : key.substring(0, space);
      routes.add(new Route(key, method, key.substring(space + 1), key, Duration.ofSeconds(30)));
    }
    return new RouteTable(routes, slashesMatch);
  }

  private static String found(boolean slashesMatch, String method, String path) {
    return table(slashesMatch, KEYS)
        .find(method, path)
        .map(match -> match.route().key() + " " + match.parameters())
        .orElse("none");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET    | /pets            | GET /pets {}
          GET    | /pets/dog        | GET /pets/dog {}
          PUT    | /pets/dog        | ANY /pets/dog {}
          GET    | /pets/cat        | GET /pets/{id} {id=cat}
          GET    | /pets/cat/toys   | GET /pets/{id}/toys {id=cat}
          GET    | /pets/cat/food   | GET /pets/{proxy+} {proxy=cat/food}
          PUT    | /pets/cat        | ANY /{proxy+} {proxy=pets/cat}
          GET    | /pets/a%2Fb%20c  | GET /pets/{id} {id=a/b c}
          GET    | /pets/%zz%       | GET /pets/{id} {id=%zz%}
          GET    | /p%65ts          | GET /pets {}
          GET    | /                | $default {}
          GET    | *                | $default {}
          BREW   | /tea             | ANY /{proxy+} {proxy=tea}
          """)
  void findsTheMostSpecificRoute(String method, String path, String expected) {
    assertThat(found(true, method, path)).isEqualTo(expected);
  }

  @Test
  void aPathThatEndsInASlashMatchesItsRoute() {
    assertThat(found(true, "GET", "/pets/")).isEqualTo("GET /pets {}");
    assertThat(found(true, "GET", "/pets/cat/")).isEqualTo("GET /pets/{id} {id=cat}");
  }

  @Test
  void aPathThatEndsInASlashMatchesDefaultIfSet() {
    RouteTable table = table(false, List.of("GET /pets", "GET /pets/{id}", "$default"));
    assertThat(table.find("GET", "/pets/").orElseThrow().route().isDefault()).isTrue();
    assertThat(table.find("GET", "/pets/cat/").orElseThrow().route().isDefault()).isTrue();
    assertThat(table.find("GET", "/pets/cat").orElseThrow().parameters())
        .isEqualTo(Map.of("id", "cat"));
  }

  @Test
  void doubleSlashesMatchNoRoute() {
    RouteTable table = table(true, List.of("GET /pets", "GET /pets/{id}"));
    assertThat(table.find("GET", "//pets")).isEmpty();
    assertThat(table.find("GET", "/pets//")).isEmpty();
  }

  @Test
  void findsNoRouteWithoutADefault() {
    assertThat(table(true, List.of("GET /pets")).find("GET", "/cars")).isEmpty();
  }
}
