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
 * One invocation by Lambda. Lambda's interface is synchronous, so this class waits for the result.
 * The main code has no other blocking wait. The invocation's deadline bounds the wait.
 */
final class Invocation {
  /** The time reserved for writing and sending the response. */
  private static final Duration MARGIN = Duration.ofMillis(300);

  private Invocation() {}

  static Deadline deadline(Context context) {
    return Deadline.after(Duration.ofMillis(context.getRemainingTimeInMillis()).minus(MARGIN));
  }

  /** Returns X-Ray's header, or null if Lambda gives none. */
  static @Nullable String traceHeader(Context context) {
    try {
      return context.getXrayTraceId();
    } catch (NoSuchMethodError e) {
      return null; // An older runtime has a Context without this method.
    }
  }

  /**
   * Waits for a result.
   *
   * @throws DeadlineExceeded if the future is not complete at the deadline
   * @throws RuntimeException the failure of the future
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
