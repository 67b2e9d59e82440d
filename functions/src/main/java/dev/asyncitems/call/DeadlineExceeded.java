package dev.asyncitems.call;

/** The call's time ran out; what was under way may still have happened. */
public final class DeadlineExceeded extends RuntimeException {
  public DeadlineExceeded() {
    super("the deadline has passed");
  }

  public DeadlineExceeded(Throwable cause) {
    super("the deadline has passed", cause);
  }

  /**
   * @param slow what did not answer in time
   */
  public DeadlineExceeded(String slow, Throwable cause) {
    super("the deadline has passed: " + slow + " did not answer in time", cause);
  }
}
