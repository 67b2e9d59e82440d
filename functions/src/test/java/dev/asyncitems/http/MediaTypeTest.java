package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.asyncitems.lambda.TestEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MediaTypeTest {
  private static final List<String> JSON = List.of(MediaType.JSON);
  private static final List<String> PATCH = List.of(MediaType.MERGE_PATCH, MediaType.JSON);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        " application/json ",
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8",
        "application/json; charset=utf8",
        "application/json; charset=\"UTF8\"",
        "application/json ;\tCharset=\"utf-8\"",
        "application/json; profile=\"a; b\"; charset=utf-8",
        "application/json; q=1",
        "application/json;",
        "application/json;;",
        "application/json; ;charset=utf-8 ; ",
        "application/json; version=\"\"",
        "",
        " "
      })
  void jsonInUtf8IsTakenHoweverItIsSpelled(String type) {
    assertThatCode(() -> MediaType.require(request("POST", type), JSON)).doesNotThrowAnyException();
  }

  @Test
  void aBodyWithoutATypeIsTaken() {
    assertThatCode(() -> MediaType.require(TestEvent.of("POST", "/items").request(), JSON))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/merge-patch+json; charset=utf-8"})
  void aPatchMayHaveEitherType(String type) {
    assertThatCode(() -> MediaType.require(request("PATCH", type), PATCH))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/merge-patch+json",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "application",
        "json",
        "*/*",
        ";",
        "; charset=utf-8",
        "application/json, application/json",
        "application/json charset=utf-8",
        "application/json; charset=latin1",
        "application/json; charset=utf88",
        "application/json; charset=utf-16",
        "application/json; charset=\"\"",
        "application/json; charset=",
        "application/json; charset",
        "application/json; charset=\"utf-8",
        "application/json; =utf-8",
        "application/json; a=b c",
        "application/json; a=b, text/plain",
        "\u0000",
        "application/json; \u0000"
      })
  void everyOtherTypeIsRejected(String type) {
    Problem problem = rejected("POST", type, JSON);
    assertThat(problem.type()).isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE);
    assertThat(problem.headers()).containsOnlyKeys("Accept");
    assertThat(problem.headers()).containsEntry("Accept", "application/json");
  }

  @Test
  void aPatchIsToldWhatIsTakenByAcceptPatch() {
    assertThat(rejected("PATCH", "text/plain", PATCH).headers())
        .containsOnlyKeys("Accept-Patch")
        .containsEntry("Accept-Patch", "application/merge-patch+json, application/json");
  }

  @Test
  void theLongestHeaderThatAGatewayPassesIsReadInTime() {
    // API Gateway limits the request line and headers to 10,240 bytes.
    for (String parameters :
        List.of(
            ";".repeat(10_000),
            "; ".repeat(5_000),
            " ; ".repeat(3_000) + "\"",
            " ".repeat(10_000) + "\"",
            ";a=b".repeat(2_500),
            ";a=b ".repeat(2_000) + "\"",
            "; a=\"" + "b".repeat(9_900) + "\"",
            ";a=\"\"".repeat(1_600) + ";a=\"",
            ";charset".repeat(1_200))) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(5),
          () -> {
            try {
              MediaType.require(request("POST", "application/json" + parameters), JSON);
            } catch (ProblemException e) {
              assertThat(e.problem().type()).isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE);
            }
          },
          () -> parameters.substring(0, 20));
    }
  }

  private static Problem rejected(String method, String type, List<String> accepted) {
    return Optional.ofNullable(
            catchThrowableOfType(
                ProblemException.class, () -> MediaType.require(request(method, type), accepted)))
        .orElseThrow(() -> new AssertionError(type + " was taken"))
        .problem();
  }

  private static Request request(String method, String type) {
    return TestEvent.of(method, "/items").header("content-type", type).request();
  }
}
