package dev.asyncitems.http;

/** Ends a request with a problem. */
public final class ProblemException extends RuntimeException {
  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.type().uri(), null, false, false);
    this.problem = problem;
  }

  /** Ends a request with a problem, for a failure that is to be logged. */
  public ProblemException(Problem problem, Throwable cause) {
    super(problem.type().uri(), cause, false, false);
    this.problem = problem;
  }

  /** What the client is told. */
  public Problem problem() {
    return problem;
  }
}
