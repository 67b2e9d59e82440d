package dev.asyncitems.function;

import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.ProblemType;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import dev.asyncitems.rejection.Result.Rejected;

/** The conversion of rejections to problems. */
final class Rejections {
  private Rejections() {}

  /**
   * Returns the value of a result.
   *
   * @throws ProblemException if the request was rejected
   */
  static <T> T unwrap(Result<T> result) {
    return switch (result) {
      case Done<T>(T value) -> value;
      case Rejected<T>(Rejection rejection) -> throw new ProblemException(problem(rejection));
    };
  }

  static Problem problem(Rejection rejection) {
    return switch (rejection) {
      case NOT_FOUND -> Problem.of(ProblemType.NOT_FOUND, "No resource has this id.");
      case PRECONDITION_FAILED -> Problem.preconditionFailed();
      case KEY_REUSED ->
          Problem.of(
              ProblemType.IDEMPOTENCY_KEY_REUSED,
              "This Idempotency-Key was used for another request. Repeat a request with the same"
                  + " method, path and body, byte for byte, or use a new key.");
    };
  }
}
