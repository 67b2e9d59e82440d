package dev.asyncitems.local;

/** The run can't be started; the message is one sentence for whoever started it. */
public final class LocalRunException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LocalRunException(String message) {
    super(message);
  }

  public LocalRunException(String message, Throwable cause) {
    super(message, cause);
  }
}
