package dev.asyncitems.call;

/**
 * An exception for a call that a service rejected, because of a fault in our code or a missing
 * permission or table. Its message holds the service's error code and no client's data, so it may
 * be logged.
 */
public final class ServiceError extends RuntimeException {
  public ServiceError(String message, Throwable cause) {
    super(message, cause);
  }
}
