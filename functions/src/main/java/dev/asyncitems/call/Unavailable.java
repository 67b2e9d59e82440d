package dev.asyncitems.call;

import org.jspecify.annotations.Nullable;

/**
 * An exception for throttling, for an unreachable service, and for conflicts that did not end in
 * time. A later call may succeed. The exception's text is logged, so it must hold no client data.
 */
public final class Unavailable extends RuntimeException {
  public Unavailable(String message) {
    super(message);
  }

  public Unavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
