package dev.asyncitems.local;

import dev.asyncitems.local.reload.Reloader;
import java.time.Duration;

/** Hears what a run does. Many threads call it, and it must not block. */
public interface RunListener extends Reloader.Listener {

  /** Hears nothing. */
  RunListener SILENT = new RunListener() {};

  /**
   * A request was answered.
   *
   * @param functionId the function that answered, or {@code -} if the front did
   */
  default void answered(String method, String path, int status, String functionId, Duration time) {}

  /** A batch of messages was given to a function; {@code failed} of them stay in the queue. */
  default void batch(String functionId, String queueId, int messages, int failed, Duration time) {}

  /** A schedule invoked its function. */
  default void tick(String functionId, String scheduleId, boolean succeeded, Duration time) {}

  /** A handler threw, timed out or gave an answer that can't be read. */
  default void failed(String functionId, String requestId, Throwable why) {}

  /** The functions were reloaded from recompiled classes, which took this time. */
  @Override
  default void reloaded(int functions, Duration time) {}

  /** The run itself has a problem, which the sentence describes, and goes on. */
  @Override
  default void trouble(String sentence) {}
}
