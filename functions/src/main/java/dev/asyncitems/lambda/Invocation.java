package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One call of a function by Lambda, whose interface is synchronous: here, and nowhere else in the
 * main code, a thread waits for a future, and not longer than the call's time.
 */
final class Invocation {
  /** What is kept of a call's time for making and sending the answer. */
  private static final Duration MARGIN = Duration.ofMillis(300);

  private Invocation() {}

  /** When the answer must be ready, by the time that Lambda still gives. */
  static Deadline deadline(Context context) {
    return Deadline.after(Duration.ofMillis(context.getRemainingTimeInMillis()).minus(MARGIN));
  }

  /** X-Ray's header of the call, as Lambda gives it; null where it gives none. */
  static @Nullable String traceHeader(Context context) {
    try {
      return context.getXrayTraceId();
    } catch (NoSuchMethodError e) {
      return null; // a runtime with a Context from before it: better without than not at all
    }
  }

  /**
   * Waits for a result.
   *
   * @throws DeadlineExceeded if there was none in time
   * @throws RuntimeException what the future failed with
   */
  static <T> T await(CompletableFuture<T> future, Deadline deadline) {
    try {
      return future.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new DeadlineExceeded(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeadlineExceeded(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }
}
