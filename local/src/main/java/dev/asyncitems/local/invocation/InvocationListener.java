package dev.asyncitems.local.invocation;

import java.time.Duration;

/** Is told of each invocation. Called from many threads; must not block. */
public interface InvocationListener {

  /** Hears nothing. */
  InvocationListener NONE = new InvocationListener() {};

  /**
   * A function is about to be called.
   *
   * @param cold whether it is the handler object's first call
   */
  default void began(String functionId, String requestId, byte[] event, boolean cold) {}

  /** It answered. */
  default void answered(String functionId, String requestId, Duration time, byte[] answer) {}

  /** It threw, or its time ran out. */
  default void failed(
      String functionId, String requestId, Duration time, InvocationException why) {}
}
