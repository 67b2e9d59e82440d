package dev.asyncitems.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.lambda.TestEvent;
import dev.asyncitems.rejection.Fault;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.rejection.Rejection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProblemTest {
  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, NOT_FOUND",
    "PRECONDITION_FAILED, PRECONDITION_FAILED",
    "KEY_REUSED, IDEMPOTENCY_KEY_REUSED"
  })
  void aRejectionHasATypeOfItsOwn(Rejection.Reason reason, ProblemType type) {
    assertThat(Problem.of(new CompletionException(new Rejection(reason))).type()).isEqualTo(type);
  }

  @Test
  void invalidContentHasAViolationForEachFault() {
    var invalid =
        new InvalidContent(
            List.of(new Fault("/name", "must not be blank"), new Fault("/tags/2", "is long")));
    Problem problem = Problem.of(invalid);
    assertThat(problem.type()).isEqualTo(ProblemType.INVALID_CONTENT);
    assertThat(problem.violations())
        .containsExactly(
            Violation.at("/name", "must not be blank"), Violation.at("/tags/2", "is long"));
  }

  @Test
  void aServiceThatIsAwayMayBeAskedAgainInASecond() {
    Problem problem = Problem.of(new Unavailable("SQS could not be reached"));
    assertThat(problem.type()).isEqualTo(ProblemType.UNAVAILABLE);
    assertThat(problem.headers()).containsEntry("Retry-After", "1");
    assertThat(problem.detail()).contains("Idempotency-Key").doesNotContain("SQS");
  }

  @Test
  void anyOtherFailureHidesItsMessage() {
    assertThat(Problem.of(new DeadlineExceeded()).type()).isEqualTo(ProblemType.DEADLINE_EXCEEDED);
    Problem problem = Problem.of(new IllegalStateException("a secret"));
    assertThat(problem.type()).isEqualTo(ProblemType.INTERNAL_ERROR);
    assertThat(problem.detail()).doesNotContain("secret");
  }

  @Test
  void aProblemStaysItself() {
    Problem own = Problem.of(ProblemType.NOT_FOUND, "No route matches this path.");
    assertThat(Problem.of(new CompletionException(new ProblemException(own)))).isSameAs(own);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/v1"})
  void itsUrisLeadThroughTheBasePath(String basePath) {
    Reply reply = reply(Problem.of(ProblemType.NOT_FOUND, "Nothing."), basePath);
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.headers())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("Content-Type", "application/problem+json", "Cache-Control", "no-store"));
    assertThat(reply.body())
        .contains(
            """
            {"type":"%1$s/problems/not-found","title":"Not Found","status":404,\
            "detail":"Nothing.","instance":"%1$s/things/a%%20b/%%C3%%A9","requestId":"request-1"}\
            """
                .formatted(basePath));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pointer", "parameter", "header"})
  void eachViolationNamesItsPlace(String place) {
    Violation violation = new Violation(place, "a", "is odd");
    Reply reply = reply(Problem.invalid(List.of(violation)), "");
    assertThat(reply.body().orElseThrow())
        .endsWith(",\"violations\":[{\"" + place + "\":\"a\",\"detail\":\"is odd\"}]}");
  }

  private static Reply reply(Problem problem, String basePath) {
    return problem.reply(TestEvent.of("GET", "/things/a b/é").basePath(basePath).request());
  }
}
