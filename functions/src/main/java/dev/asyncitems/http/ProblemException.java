package dev.asyncitems.http;

/** An exception that ends a request with a problem. */
public final class ProblemException extends RuntimeException {
  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.type().uri(), null, false, false);
    this.problem = problem;
  }

  /** Creates an exception whose cause is logged if the status is 5xx. */
  public ProblemException(Problem problem, Throwable cause) {
    super(problem.type().uri(), cause, false, false);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
