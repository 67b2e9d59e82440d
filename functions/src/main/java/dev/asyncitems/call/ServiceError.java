package dev.asyncitems.call;

/**
 * A service refused what we asked of it: a fault of ours, or of the deployment such as a missing
 * permission or table. Its message holds the service's error code and nothing that a client sent,
 * so it may be logged.
 */
public final class ServiceError extends RuntimeException {
  public ServiceError(String message, Throwable cause) {
    super(message, cause);
  }
}
