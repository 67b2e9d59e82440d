package dev.asyncitems.call;

/**
 * An exception for a call that a service rejected because of a bug, a missing permission or a
 * missing table. Its message may be logged, since it holds only the service's error code.
 */
public final class ServiceError extends RuntimeException {
  public ServiceError(String message, Throwable cause) {
    super(message, cause);
  }
}
