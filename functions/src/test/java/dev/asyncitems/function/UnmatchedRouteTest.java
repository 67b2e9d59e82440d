package dev.asyncitems.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.json.Json;
import dev.asyncitems.lambda.TestContext;
import dev.asyncitems.lambda.TestEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UnmatchedRouteTest {
  private static final String ID = "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173";

  private record Answer(int status, Map<String, Json> headers, String body) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/lamps",
        "/lamps/",
        "/problems/../",
        "/docs/./",
        "/items/1",
        "/items/1/",
        "/items/not-a-uuid",
        "/items/1-1-1-1-1/",
        "/items//",
        "//items/",
        "//evil.com/",
        "//evil.com",
        "/\\evil.com/",
        "/items/" + ID + "/tags"
      })
  void whatIsNoPathOfTheApiIsNotFoundWhateverTheMethod(String path) throws Json.Malformed {
    for (String method : new String[] {"GET", "DELETE", "HEAD"}) {
      Answer answer = answer(method, path, "a=1");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.headers()).doesNotContainKeys("Location", "Allow");
      assertThat(answer.body()).contains("/problems/not-found");
    }
  }

  @Test
  void aRouteThatTheGatewayDidNotMatchIsNotFoundForItsOwnMethod() throws Json.Malformed {
    // The client sends /items%2F..., and the gateway decodes it only after matching.
    Answer answer = answer("GET", "/items/" + ID, "");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.headers()).doesNotContainKey("Allow");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELETE | /items | GET, POST",
        "PUT | /items/ | GET, POST",
        "HEAD | /items | GET, POST",
        "OPTIONS | /data | GET",
        "HEAD | /data/ | GET",
        "POST | /items/" + ID + " | DELETE, GET, PATCH, PUT",
        "POST | /notifications/" + ID + "/ | DELETE, GET",
        "POST | /send-notification | GET",
        "get | /items/ | GET, POST"
      })
  void aMethodThatAPathDoesNotHaveIsRejectedWithThoseItHas(String method, String path, String allow)
      throws Json.Malformed {
    Answer answer = answer(method, path, "");
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.headers())
        .containsEntry("Allow", new Json.Str(allow))
        .doesNotContainKey("Location");
    assertThat(answer.body()).contains("/problems/method-not-allowed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /items/ | '' | /items",
        "POST | /items/ | '' | /items",
        "GET | /items/ | limit=7&cursor=a%20b+c | /items?limit=7&cursor=a%20b+c",
        "GET | /send-notification/ | message=hello | /send-notification?message=hello",
        "GET | /data/ | '' | /data",
        "PATCH | /items/" + ID + "/ | a=//evil.com/ | /items/" + ID + "?a=//evil.com/"
      })
  void aPathThatEndsInASlashIsSentToThePlainOneWithItsQuery(
      String method, String path, String query, String location) throws Json.Malformed {
    Answer answer = answer(method, path, query);
    assertThat(answer.status()).isEqualTo(308);
    assertThat(answer.headers()).containsOnly(Map.entry("Location", new Json.Str(location)));
    assertThat(answer.body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // rawPath | stage | basePath | status | Location or Allow
        "/items/ | $default | /v1 | 308 | /v1/items?a=b",
        "/v1/items/ | $default | /v1 | 308 | /v1/items?a=b",
        "/prod/items/ | prod | '' | 308 | /prod/items?a=b",
        "/prod/items/ | prod | /v1 | 308 | /v1/items?a=b",
        "/data | $default | /v1 | 404 | ''",
        "/lamps/ | $default | /v1 | 404 | ''",
        "/v1/items/ | $default | '' | 404 | ''",
        "/prod/items/ | other | '' | 404 | ''"
      })
  void underABasePathItAnswersTheSame(
      String rawPath, String stage, String basePath, int status, String location)
      throws Json.Malformed {
    TestEvent get =
        TestEvent.of("GET", rawPath)
            .routeKey("$default")
            .query("a=b")
            .stage(stage)
            .basePath(basePath);
    Answer answer = answer(get);
    assertThat(answer.status()).isEqualTo(status);
    if (status == 308) {
      assertThat(answer.headers()).containsOnly(Map.entry("Location", new Json.Str(location)));
      TestEvent delete =
          TestEvent.of("DELETE", rawPath).routeKey("$default").stage(stage).basePath(basePath);
      assertThat(answer(delete).headers()).containsEntry("Allow", new Json.Str("GET, POST"));
      assertThat(answer(delete).body())
          .contains(location.replace("/items?a=b", "/problems/method-not-allowed"));
    }
  }

  @Test
  void itNeedsNothingOfItsEnvironment() {
    new UnmatchedRoute(Map.of(), Clock.systemUTC()).close();
  }

  private static Answer answer(String method, String path, String query) throws Json.Malformed {
    return answer(TestEvent.of(method, path).routeKey("$default").query(query));
  }

  private static Answer answer(TestEvent event) throws Json.Malformed {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (UnmatchedRoute function = new UnmatchedRoute(Map.of(), Clock.systemUTC())) {
      function.handleRequest(event.stream(), out, TestContext.AMPLE);
    }
    if (Json.parse(out.toString(StandardCharsets.UTF_8)) instanceof Json.Obj(var response)
        && response.get("statusCode") instanceof Json.Num(String status)
        && response.get("headers") instanceof Json.Obj(var headers)) {
      String body = response.get("body") instanceof Json.Str(String text) ? text : "";
      return new Answer(Integer.parseInt(status), headers, body);
    }
    throw new AssertionError(out.toString(StandardCharsets.UTF_8));
  }
}
