package dev.asyncitems.local.invocation;

import java.time.Duration;
import java.util.List;

/** A listener for the events of a run. Many threads call it, so it must not block. */
public interface RunListener {

  RunListener SILENT = new RunListener() {};

  /**
   * Called when the gateway has the response to a request.
   *
   * @param functionId the function that answered, or {@code -} for the gateway
   */
  default void answered(String method, String path, int status, String functionId, Duration time) {}

  /**
   * Called when the gateway rejects a request because of its token.
   *
   * @param path the path without the query, which may contain users' data
   * @param why the reason, which the response does not give
   */
  default void denied(String method, String path, int status, String why) {}

  /** Called after a function handled a batch. {@code failed} of its messages stay in the queue. */
  default void batch(String functionId, String queueId, int messages, int failed, Duration time) {}

  /** Called after a schedule invoked its function. */
  default void tick(String functionId, String scheduleId, boolean succeeded, Duration time) {}

  /**
   * Called when a function failed, or another part of the run, such as a poller. Then {@code
   * functionId} names that part.
   */
  default void failed(String functionId, String requestId, Throwable why) {}

  /** Called after a reload of all functions. {@code time} is its duration. */
  default void reloaded(int functions, Duration time) {}

  /**
   * Called when changed sources have errors. Each error is a line with its place. By default, they
   * are one trouble.
   */
  default void notCompiled(List<String> errors) {
    trouble("not compiled, the previous classes stay in use:\n" + String.join("\n", errors));
  }

  /** Called with a sentence about a problem that does not stop the run. */
  default void trouble(String sentence) {}
}
