package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.lambda.TestEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MountTest {
  private static final String ID = "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // route | rawPath | id | stage | basePath | the API's own path | link to /items
        "GET /items | /items | | $default | | /items | /items",
        "GET /items | /items | | $default | /v1 | /items | /v1/items",
        "GET /items | /items/ | | $default | /shop/v1 | /items/ | /shop/v1/items",
        "GET /items | /items | | $default | /items | /items | /items/items",
        // The rawPath contains the name of the stage.
        "GET /items | /prod/items | | prod | | /items | /prod/items",
        "GET /items | /prod/items/ | | prod | | /items/ | /prod/items",
        "GET /items | /prod/items | | prod | /v1 | /items | /v1/items",
        "GET /items | /items/items | | items | | /items | /items/items",
        // A gateway that keeps the base path in rawPath.
        "GET /items | /v1/items | | $default | | /items | /v1/items",
        "GET /items | /v1/items | | $default | /v1 | /items | /v1/items",
        "GET /items/{id} | /items/ID | ID | $default | /v1 | /items/ID | /v1/items",
        "GET /items/{id} | /items/ID/ | ID | $default | /v1 | /items/ID/ | /v1/items",
        "GET /items/{id} | /items/ID/ | ID/ | $default | /v1 | /items/ID/ | /v1/items",
        "GET /items/{id} | /prod/items/ID | ID | prod | | /items/ID | /prod/items",
        "GET /items/{id}/history | /items/ID/history | ID | $default | /items"
            + " | /items/ID/history | /items/items",
        "GET /items/{id} | /items/a/b | a/b | $default | | /items/a/b | /items",
        "OPTIONS /{proxy+} | /v1/items/ID | items/ID | $default | | /items/ID | /v1/items",
        // The default route does not say where the API's path begins.
        "$default | /items/ | | $default | /v1 | /items/ | /v1/items",
        "$default | /v1/items/ | | $default | /v1 | /items/ | /v1/items",
        "$default | /prod/items/ | | prod | | /items/ | /prod/items",
        "$default | /prod/items/ | | prod | /v1 | /items/ | /v1/items",
        "$default | /production/items | | prod | | /production/items | /items",
        "$default | /v11/items | | $default | /v1 | /v11/items | /v1/items",
        "$default | /v1 | | $default | /v1 | / | /v1/items",
        "$default | '' | | $default | /v1 | / | /v1/items",
        "$default | /x/items | | $default | | /x/items | /items"
      })
  void aRequestKnowsItsOwnPathAndWhatClientsPutBeforeIt(
      String route,
      String rawPath,
      String id,
      String stage,
      String basePath,
      String path,
      String link) {
    TestEvent event =
        TestEvent.of("GET", rawPath.replace("ID", ID))
            .routeKey(route)
            .stage(stage)
            .basePath(basePath == null ? "" : basePath);
    if (id != null) {
      event.pathParameter(route.contains("proxy") ? "proxy" : "id", id.replace("ID", ID));
    }
    Request request = event.request();

    assertThat(request.path()).isEqualTo(path.replace("ID", ID));
    assertThat(request.link("/items")).isEqualTo(link);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"//evil.com/items", "/a//items", "/\\evil.com/items", "/a b/items", "//items"})
  void noLinkLeadsToAnotherHost(String rawPath) {
    Request request = TestEvent.of("GET", rawPath).routeKey("GET /items").request();

    assertThat(request.link("/items")).isEqualTo("/items");
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "/v1/", "//evil.com", "https://evil.com", "/v1?a", "/"})
  void aStageVariableThatIsNoBasePathIsIgnored(String basePath) {
    Request request =
        TestEvent.of("GET", "/items").routeKey("GET /items").basePath(basePath).request();

    assertThat(request.link("/items")).isEqualTo("/items");
  }

  @Test
  void theFingerprintOfARequestIsTheSameUnderEveryBasePath() {
    assertThat(fingerprint("/items", "")).isEqualTo(fingerprint("/items", "/v1"));
    assertThat(fingerprint("/items", "")).isEqualTo(fingerprint("/v1/items", "/v1"));
  }

  private static String fingerprint(String rawPath, String basePath) {
    Input input =
        TestEvent.of("POST", rawPath)
            .routeKey("POST /items")
            .basePath(basePath)
            .header("idempotency-key", "k")
            .input();
    return input.idempotencyKey().orElseThrow().fingerprint();
  }
}
