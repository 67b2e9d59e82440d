package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.template.TemplateException;
import dev.asyncitems.system.Api.Answer;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Access for pages of other origins, with a parameter of the template. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CorsIT {
  private static final String PAGE = "https://page.example";
  private static final String OTHER = "https://other.example:8443";

  private final LocalRun run =
      Lane.run().withoutPollers().parameter("CorsAllowedOrigins", PAGE + "," + OTHER).start();
  private final Api api = new Api(run.uri());

  @AfterAll
  void close() {
    run.close();
  }

  @ParameterizedTest
  @CsvSource({PAGE + ", /items", OTHER + ", /items", PAGE + ", /notifications/", PAGE + ", /data"})
  void aPreflightRequestIsToldWhatIsAllowed(String origin, String path) throws Exception {
    Answer answer = api.preflight(origin, path, "content-type");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.text()).isEmpty();
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(origin);
    assertThat(answer.header("Access-Control-Allow-Methods").split(",", -1))
        .containsExactlyInAnyOrder("GET", "POST", "PUT", "PATCH", "DELETE");
    assertThat(answer.header("Access-Control-Allow-Headers").split(",", -1))
        .containsExactlyInAnyOrder(
            "authorization", "content-type", "idempotency-key", "if-match", "if-none-match");
    assertThat(answer.header("Access-Control-Max-Age")).isEqualTo("3600");
    assertThat(answer.header("Access-Control-Allow-Credentials")).isEmpty();
  }

  @Test
  void anAnswerMayBeReadWithItsHeaders() throws Exception {
    Answer created = api.send("POST", "/items", "{\"name\":\"Lamp\",\"price\":1}", "Origin", PAGE);
    Answer rejected = api.get("/items/1", "Origin", PAGE);

    for (Answer answer : List.of(created, rejected)) {
      assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(PAGE);
      assertThat(answer.header("Access-Control-Expose-Headers").split(",", -1))
          .contains("etag", "location", "link", "retry-after", "idempotent-replayed");
    }
    assertThat(created.status()).isEqualTo(201);
    assertThat(rejected.status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example", "http://page.example", "null", PAGE + ".evil"})
  void anotherOriginIsAllowedNothing(String origin) throws Exception {
    assertNothingIsAllowed(api.preflight(origin, "/items", "content-type"));
    Answer rejected = api.rejectedByTheRun("/items", "Origin", origin);
    assertThat(rejected.status())
        .as("unlike AWS, which answers and leaves this to the browser")
        .isEqualTo(403);
    assertNothingIsAllowed(rejected);
  }

  @Test
  void anOptionsThatIsNoPreflightIsRejectedAsEver() throws Exception {
    assertThat(api.send("OPTIONS", "/items", "").status()).isEqualTo(405);
    assertThat(api.preflight(PAGE, "/nothing", "content-type").status()).isEqualTo(404);
  }

  /** {@link ContractIT} tests a run without the parameter. */
  @Test
  void itIsOffUnlessAnOperatorTurnsItOn() {
    assertThat(ProjectTemplate.read().cors()).isEmpty();
  }

  @Test
  void anyOriginCanBeAllowed() throws Exception {
    Template template = template("*");
    assertThat(template.cors().orElseThrow().allowOrigins()).containsExactly("*");
    assertThat(template.cors().orElseThrow().allowCredentials()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "page.example",
        "https://page.example/",
        "https://*.example, *",
        "*,https://a",
        ","
      })
  void whatIsNoOriginIsRejectedByTheTemplate(String origins) {
    Assertions.assertThatThrownBy(() -> template(origins)).isInstanceOf(TemplateException.class);
  }

  private static Template template(String origins) {
    return ProjectTemplate.read(Map.of("CorsAllowedOrigins", origins));
  }

  private static void assertNothingIsAllowed(Answer answer) {
    assertThat(answer.response().headers().map().keySet())
        .noneMatch(name -> name.startsWith("access-control-"));
  }
}
