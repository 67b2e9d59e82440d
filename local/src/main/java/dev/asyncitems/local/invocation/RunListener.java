package dev.asyncitems.local.invocation;

import java.time.Duration;

/** A listener for the events of a run. Many threads call it, so it must not block. */
public interface RunListener {

  RunListener SILENT = new RunListener() {};

  /**
   * Called when the gateway has the response to a request.
   *
   * @param functionId the function that answered, or {@code -} for the gateway
   */
  default void answered(String method, String path, int status, String functionId, Duration time) {}

  /** Called after a function handled a batch. {@code failed} of its messages stay in the queue. */
  default void batch(String functionId, String queueId, int messages, int failed, Duration time) {}

  /** Called after a schedule invoked its function. */
  default void tick(String functionId, String scheduleId, boolean succeeded, Duration time) {}

  /** Called when a function, or the part of the run that {@code functionId} names, failed. */
  default void failed(String functionId, String requestId, Throwable why) {}

  /** Called after a reload of all functions. {@code time} is its duration. */
  default void reloaded(int functions, Duration time) {}

  /** Called with a sentence about a problem that does not stop the run. */
  default void trouble(String sentence) {}
}
