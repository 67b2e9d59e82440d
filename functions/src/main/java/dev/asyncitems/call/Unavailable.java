package dev.asyncitems.call;

import org.jspecify.annotations.Nullable;

/**
 * The store or the queue throttles, is away, or races on a row did not end in time: the same call
 * may succeed later.
 */
public final class Unavailable extends RuntimeException {
  public Unavailable(String what) {
    super(what);
  }

  public Unavailable(String what, @Nullable Throwable cause) {
    super(what, cause);
  }
}
