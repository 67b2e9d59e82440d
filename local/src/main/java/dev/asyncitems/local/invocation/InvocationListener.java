package dev.asyncitems.local.invocation;

import java.time.Duration;

/** A listener for invocations. Many threads call it, so it must not block. */
public interface InvocationListener {

  InvocationListener NONE = new InvocationListener() {};

  /**
   * Called when an invocation begins.
   *
   * @param cold whether this is the handler object's first call
   */
  default void began(String functionId, String requestId, byte[] event, boolean cold) {}

  default void answered(String functionId, String requestId, Duration time, byte[] answer) {}

  /** Called after an invocation failed or timed out. */
  default void failed(
      String functionId, String requestId, Duration time, InvocationException why) {}
}
