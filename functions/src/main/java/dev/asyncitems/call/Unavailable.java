package dev.asyncitems.call;

import org.jspecify.annotations.Nullable;

/**
 * An exception for a store or queue that throttles or is unreachable, and for conflicts that did
 * not end in time. A later call may succeed. Its message is logged.
 */
public final class Unavailable extends RuntimeException {
  public Unavailable(String message) {
    super(message);
  }

  public Unavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
