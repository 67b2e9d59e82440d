package dev.asyncitems.function;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RouteTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/items | GET, POST",
        "/items/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173 | DELETE, GET, PATCH, PUT",
        "/items/019BC0FD-8A3B-73A5-9C4E-8B2D6F90A173 | DELETE, GET, PATCH, PUT",
        "/notifications | GET, POST",
        "/notifications/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173 | DELETE, GET",
        "/send-notification | GET",
        "/data | GET"
      })
  void aPathOfTheApiHasItsMethods(String path, String methods) {
    assertThat(String.join(", ", Route.methods(path))).isEqualTo(methods);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "//",
        "/item",
        "/Items",
        "items",
        "/items/",
        "/items//",
        "/items/1",
        "/items/{id}",
        "/items/1-1-1-1-1",
        "/items/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173/",
        "/items/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173/tags",
        "/items/019bc0fd8a3b73a59c4e8b2d6f90a173",
        "/data/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173",
        "//items",
        "/x/items",
        "//evil.com",
        "$default"
      })
  void noOtherPathHasAny(String path) {
    assertThat(Route.methods(path)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/items/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173/history, true",
    "/items/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173/other, false",
    "/items/019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173, false",
    "/items/1/history, false",
    "/items//history, false"
  })
  void aVariableMayBeAnySegment(String path, boolean matches) {
    assertThat(new Route("GET", "/items/{id}/history").matches(path)).isEqualTo(matches);
  }

  @Test
  void noRouteIsThereTwice() {
    assertThat(Route.ALL).doesNotHaveDuplicates();
  }
}
