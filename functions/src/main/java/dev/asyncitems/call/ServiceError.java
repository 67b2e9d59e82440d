package dev.asyncitems.call;

/**
 * An exception for a call that a service rejected because of a bug, a missing permission or a
 * missing table. Its message may be logged: it holds the service's error code and no client's data.
 */
public final class ServiceError extends RuntimeException {
  public ServiceError(String message, Throwable cause) {
    super(message, cause);
  }
}
