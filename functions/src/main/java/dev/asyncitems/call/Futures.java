package dev.asyncitems.call;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Functions that start and combine futures. They never block. */
public final class Futures {
  private Futures() {}

  /**
   * Returns all results in the order of the futures, after all futures have ended. If any failed,
   * the result fails with the first failure in that order.
   */
  public static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> futures) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
        .thenApply(done -> futures.stream().map(CompletableFuture::resultNow).toList());
  }

  /** Starts a call. The future fails if the call throws an exception or returns null. */
  public static <T> CompletableFuture<T> call(Supplier<CompletableFuture<T>> call) {
    try {
      return Objects.requireNonNull(call.get(), "the call returned no future");
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Starts a call as {@link #call} does. At the deadline the future fails with {@link
   * DeadlineExceeded}, even if the call ignores the deadline.
   */
  public static <T> CompletableFuture<T> callUntil(
      Deadline deadline, Supplier<CompletableFuture<T>> call) {
    return call(call)
        .copy()
        .orTimeout(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)
        .exceptionallyCompose(failure ->
            CompletableFuture.failedFuture(
                cause(failure) instanceof TimeoutException ? new DeadlineExceeded() : failure));
  }

  /** Returns the failure without the wrappers that futures add. */
  public static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
