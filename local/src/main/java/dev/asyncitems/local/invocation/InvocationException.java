package dev.asyncitems.local.invocation;

/** An exception for an invocation that timed out or failed, mostly because the handler threw. */
public final class InvocationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean timedOut;

  private InvocationException(String message, Throwable cause, boolean timedOut) {
    super(message, cause);
    this.timedOut = timedOut;
  }

  static InvocationException failed(String functionId, Throwable cause) {
    return new InvocationException(functionId + " failed: " + cause, cause, false);
  }

  static InvocationException timedOut(String functionId, Throwable cause) {
    return new InvocationException(functionId + " timed out", cause, true);
  }

  /** Returns the cause of a failed invocation. Returns a timeout or any other exception itself. */
  public static Throwable reason(Throwable failure) {
    boolean threw = failure instanceof InvocationException invocation && !invocation.timedOut;
    Throwable cause = failure.getCause();
    return threw && cause != null ? cause : failure;
  }

  public boolean timedOut() {
    return timedOut;
  }
}
