package dev.asyncitems.function;

import dev.asyncitems.edge.Problem;
import dev.asyncitems.edge.ProblemException;
import dev.asyncitems.edge.ProblemType;
import dev.asyncitems.kernel.Refusal;
import dev.asyncitems.kernel.Result;
import dev.asyncitems.kernel.Result.Done;
import dev.asyncitems.kernel.Result.Refused;

/** What a client is told of a refusal. */
final class Refusals {
  private Refusals() {}

  /**
   * The value of a result.
   *
   * @throws ProblemException if it was refused
   */
  static <T> T unwrap(Result<T> result) {
    return switch (result) {
      case Done<T>(T value) -> value;
      case Refused<T>(Refusal refusal) -> throw new ProblemException(problem(refusal));
    };
  }

  static Problem problem(Refusal refusal) {
    return switch (refusal) {
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
