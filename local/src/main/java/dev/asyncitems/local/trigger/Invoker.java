package dev.asyncitems.local.trigger;

import java.time.Duration;

/** What triggers call and whom they tell. Must be thread-safe. */
public interface Invoker {

  /** Calls a function; throws if it fails. */
  byte[] invoke(String functionId, byte[] event);

  /** A batch was given to a function; {@code failed} of its messages stay in the queue. */
  void batch(String functionId, String queueId, int messages, int failed, Duration time);

  /** A schedule invoked its function. */
  void tick(String functionId, String scheduleId, boolean succeeded, Duration time);

  /** Why an invocation was no success. */
  void failed(String functionId, Throwable why);

  /** The trigger itself is in trouble, and goes on; a sentence. */
  void trouble(String sentence);
}
