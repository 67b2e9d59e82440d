package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.lambda.TestEvent;
import dev.asyncitems.rejection.Rejection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PreconditionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // If-Match | If-None-Match | status
        " | | 200",
        "\"7\" | | 200",
        "\"6\", \"7\" | | 200",
        "* | | 200",
        "\"6\" | | 412",
        "W/\"7\" | | 412",
        " | \"7\" | 304",
        " | W/\"7\" | 304",
        " | * | 304",
        " | \"6\" | 200",
        "\"7\" | \"7\" | 304",
        "\"7\" | \"6\" | 200",
        // If-Match comes first.
        "\"6\" | \"7\" | 412",
        "\"6\" | \"6\" | 412"
      })
  void aReadOfVersion7IsAnsweredAsRfc9110Says(
      @Nullable String ifMatch, @Nullable String ifNoneMatch, int status) {
    TestEvent event = TestEvent.of("GET", "/items/1");
    if (ifMatch != null) {
      event.header("if-match", ifMatch);
    }
    if (ifNoneMatch != null) {
      event.header("if-none-match", ifNoneMatch);
    }
    int answered =
        event
            .request()
            .read(input -> {
              Preconditions preconditions = input.preconditions();
              return () -> status(preconditions);
            });
    assertThat(answered).isEqualTo(status);
  }

  private static int status(Preconditions preconditions) {
    try {
      return preconditions.notModified("7") ? 304 : 200;
    } catch (Rejection e) {
      return Problem.of(e).type().status();
    }
  }
}
