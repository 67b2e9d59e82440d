package dev.asyncitems.local.trigger;

import java.time.Duration;

/** Invokes functions for triggers and receives the results. Thread-safe. */
public interface Invoker {

  /** Invokes a function and returns its response. Throws if it fails. */
  byte[] invoke(String functionId, byte[] event);

  /** Called after a function handled a batch; {@code failed} messages stay in the queue. */
  void batch(String functionId, String queueId, int messages, int failed, Duration time);

  /** Called after a schedule invoked its function. */
  void tick(String functionId, String scheduleId, boolean succeeded, Duration time);

  /** Called when an invocation failed. */
  void failed(String functionId, Throwable why);

  /** Called for a problem that does not stop the trigger, with a sentence that describes it. */
  void trouble(String sentence);
}
