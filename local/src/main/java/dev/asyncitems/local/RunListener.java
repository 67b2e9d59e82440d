package dev.asyncitems.local;

import dev.asyncitems.local.reload.Reloader;
import java.time.Duration;

/** Is told what a run does. Called from many threads; must not block. */
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

  /** A handler threw, ran out of time or gave an answer that is none. */
  default void failed(String functionId, String requestId, Throwable why) {}

  /** Recompiled classes were taken up; so many functions were made anew, in that time. */
  @Override
  default void reloaded(int functions, Duration time) {}

  /** Something of the run itself went wrong, and it goes on; a sentence. */
  @Override
  default void trouble(String sentence) {}
}
