package dev.asyncitems.call;

/**
 * An exception for a call that a service rejected because of a bug, a missing permission or a
 * missing table. The exception's text is logged, so it holds only the service's error codes.
 */
public final class ServiceError extends RuntimeException {
  public ServiceError(String message, Throwable cause) {
    super(message, cause);
  }
}
