package dev.asyncitems.function;

import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.ProblemType;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import dev.asyncitems.rejection.Result.Rejected;

/** What a client is told of a rejection. */
final class Rejections {
  private Rejections() {}

  /**
   * The value of a result.
   *
   * @throws ProblemException if it was rejected
   */
  static <T> T unwrap(Result<T> result) {
    return switch (result) {
      case Done<T>(T value) -> value;
      case Rejected<T>(Rejection rejection) -> throw new ProblemException(problem(rejection));
    };
  }

  static Problem problem(Rejection rejection) {
    return switch (rejection) {
      case NOT_FOUND -> Problem.of(ProblemType.NOT_FOUND, "Nothing has this id.");
      case PRECONDITION_FAILED -> Problem.preconditionFailed();
      case KEY_REUSED ->
          Problem.of(
              ProblemType.IDEMPOTENCY_KEY_REUSED,
              "This Idempotency-Key was used for another request. A repeated request must have the"
                  + " same method, path and body, and the body must be the same byte for byte. Use"
                  + " a new key for each request.");
    };
  }
}
