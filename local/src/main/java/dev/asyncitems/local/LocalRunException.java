package dev.asyncitems.local;

/** An exception for a run that cannot start. The message is a sentence for the developer. */
public final class LocalRunException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LocalRunException(String message) {
    super(message);
  }

  public LocalRunException(String message, Throwable cause) {
    super(message, cause);
  }
}
