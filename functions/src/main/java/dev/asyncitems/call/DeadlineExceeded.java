package dev.asyncitems.call;

/** The failure of a call that missed its deadline. The call may still have taken effect. */
public final class DeadlineExceeded extends RuntimeException {
  public DeadlineExceeded() {
    super("the deadline has passed");
  }

  public DeadlineExceeded(Throwable cause) {
    super("the deadline has passed", cause);
  }

  public DeadlineExceeded(String service, Throwable cause) {
    super("the deadline has passed: " + service + " did not answer in time", cause);
  }
}
