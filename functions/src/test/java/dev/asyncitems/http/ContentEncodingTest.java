package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.asyncitems.lambda.TestEvent;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentEncodingTest {
  @ParameterizedTest
  @ValueSource(strings = {"identity", "Identity", "", " ", "identity, identity", ",identity ,"})
  void aBodyThatIsNotEncodedIsTaken(String codings) {
    assertThatCode(() -> read(codings)).doesNotThrowAnyException();
  }

  @Test
  void soIsOneWithoutTheHeader() {
    assertThatCode(() -> TestEvent.of("POST", "/items").body("{}").input().json(MediaType.JSON))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip",
        "x-gzip",
        "br",
        "deflate",
        "zstd",
        "GZIP",
        "identity, gzip",
        "gzip;q=1",
        "*"
      })
  void everyOtherCodingIsRejectedAndTheAnswerSaysWhatIsTaken(String codings) {
    Problem problem =
        Optional.ofNullable(catchThrowableOfType(ProblemException.class, () -> read(codings)))
            .orElseThrow(() -> new AssertionError(codings + " was taken"))
            .problem();
    assertThat(problem.type()).isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE);
    assertThat(problem.headers()).containsOnlyKeys("Accept-Encoding");
    assertThat(problem.headers()).containsEntry("Accept-Encoding", "identity");
  }

  private static void read(String codings) {
    TestEvent.of("POST", "/items")
        .header("content-encoding", codings)
        .body("{}")
        .input()
        .json(MediaType.JSON);
  }
}
