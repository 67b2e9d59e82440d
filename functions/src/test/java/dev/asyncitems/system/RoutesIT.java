package dev.asyncitems.system;

import static dev.asyncitems.system.BadInputIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.Slashes;
import dev.asyncitems.system.Api.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that match no route, and paths with a trailing slash, as both kinds of gateways handle
 * them.
 */
@EndToEnd
final class RoutesIT {
  private static final String ID = "01890000-0000-7000-8000-000000000000";

  private final Api api;

  RoutesIT(Api api) {
    this.api = api;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/nothing", "/items/a/b", "//", "//items", "/Items", "/items//", "/%2e%2e/x"})
  void answers404ToAPathThatTheApiDoesNotHave(String path) throws Exception {
    Gateway.notApplicable(
        Gateway.SAM_LOCAL, path.equals("//items"), "it takes two slashes at the beginning for one");
    Gateway.notApplicable(
        Gateway.MINISTACK, path.equals("//items"), "it takes two slashes at the beginning for one");

    assertProblem(api.get(path), 404, "/problems/not-found");
  }

  @ParameterizedTest
  @CsvSource({
    "DELETE, /items, 'GET, POST'",
    "HEAD, /items, 'GET, POST'",
    "OPTIONS, /items, 'GET, POST'",
    "POST, /items/" + ID + ", 'DELETE, GET, PATCH, PUT'",
    "POST, /data, GET",
    "PUT, /notifications, 'GET, POST'",
    "POST, /data/, GET",
    "FROB, /send-notification, GET"
  })
  void answers405WithTheMethodsThatAPathHas(String method, String path, String allow)
      throws Exception {
    Gateway.notApplicable(Gateway.SAM_LOCAL, method.equals("HEAD"), "it takes HEAD for GET");
    Gateway.notApplicable(
        Gateway.SAM_LOCAL,
        method.equals("FROB"),
        "it answers 405 itself to a method of no standard");

    Gateway.notApplicable(
        Gateway.SAM_LOCAL,
        method.equals("OPTIONS"),
        "it answers 200 itself where the template has a CorsConfiguration, even an empty one");
    Gateway.notApplicable(
        Gateway.MINISTACK, method.equals("OPTIONS"), "it answers 403 itself without CORS");

    Answer rejected = api.send(method, path, "");

    assertThat(rejected.status()).isEqualTo(405);
    assertThat(rejected.header("Allow")).isEqualTo(allow);
    if (!method.equals("HEAD")) {
      assertProblem(rejected, 405, "/problems/method-not-allowed");
    }
  }

  @Test
  @NotApplicable(to = Gateway.MINISTACK, because = "it sends paths that end in a slash to $default")
  void answersSlashFormsLikeThePlainOnes() throws Exception {
    Answer item = api.send("POST", "/items/", "{\"name\":\"Lamp\",\"price\":1}");

    assertThat(item.status()).isEqualTo(201);
    assertThat(api.get(item.header("Location") + "/").text()).isEqualTo(item.text());
    assertThat(api.get("/items/").status()).isEqualTo(200);
    assertThat(api.get("/data/").status()).isEqualTo(200);
    Answer sent = api.get("/send-notification/?message=hello");
    assertThat(sent.status()).isEqualTo(200);
    assertThat(sent.text("message")).isEqualTo("Notification sent in the background");
  }

  @Test
  @NotApplicable(because = "a run is told how to treat them")
  void sendsSlashFormsToThePlainOnesWhereTheGatewayDoesNotMatchThem() throws Exception {
    try (LocalRun run = Lane.run().slashes(Slashes.DEFAULT).withoutPollers().start()) {
      Api other = new Api(run.uri());

      assertRedirect(other.get("/items/"), "/items");
      assertRedirect(other.get("/items/?limit=7&x=%20"), "/items?limit=7&x=%20");
      assertRedirect(
          other.get("/send-notification/?message=hello"), "/send-notification?message=hello");
      assertRedirect(other.get("/data/"), "/data");
      assertRedirect(other.send("POST", "/items/", "{}"), "/items");
      assertRedirect(other.get("/items/" + ID + "/"), "/items/" + ID);
      assertProblem(other.get("/nothing/"), 404, "/problems/not-found");
      assertProblem(other.get("//example.com/"), 404, "/problems/not-found");
      assertProblem(other.get("/items/%0d%0aX:1/"), 404, "/problems/not-found");
      assertProblem(other.send("POST", "/data/", ""), 405, "/problems/method-not-allowed");
      assertThat(other.get("/items").status()).isEqualTo(200);
    }
  }

  private static void assertRedirect(Answer answer, String location) {
    assertThat(answer.status()).isEqualTo(308);
    assertThat(answer.header("Location")).isEqualTo(location);
  }
}
