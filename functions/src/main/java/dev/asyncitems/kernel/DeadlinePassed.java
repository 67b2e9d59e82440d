package dev.asyncitems.kernel;

/** The call's time ran out; what was under way may still have happened. */
public final class DeadlinePassed extends RuntimeException {
  public DeadlinePassed() {
    super("the deadline has passed");
  }

  public DeadlinePassed(Throwable cause) {
    super("the deadline has passed", cause);
  }

  /**
   * @param slow what did not answer in time
   */
  public DeadlinePassed(String slow, Throwable cause) {
    super("the deadline has passed: " + slow + " did not answer in time", cause);
  }
}
