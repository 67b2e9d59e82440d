package dev.asyncitems.item;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A queue of writers for each item: first come, first served. It saves them the conflicts that they
 * would have with each other. It protects nothing, since writers in other environments do not know
 * of it. Safe for use by any number of threads.
 *
 * <p>Holds an entry for each item that is being written, and nothing once its writers have ended.
 */
final class WriteQueue {
  private final ConcurrentMap<ItemId, CompletableFuture<Optional<Item>>> last =
      new ConcurrentHashMap<>();

  /**
   * Writes once the writers that came before have ended.
   *
   * @param write writes on the item as the writer before left it, a moment ago; empty where there
   *     was none, or where it did not write
   * @return what the write gives; fails with {@link Unavailable} if the writers before do not end
   *     in time
   */
  CompletableFuture<Result<Item>> write(
      ItemId id,
      Deadline deadline,
      Function<Optional<Item>, CompletableFuture<Result<Item>>> write) {
    CompletableFuture<Optional<Item>> ended = new CompletableFuture<>();
    CompletableFuture<Optional<Item>> before = last.put(id, ended);
    CompletableFuture<Optional<Item>> start =
        before == null
            ? CompletableFuture.completedFuture(Optional.empty())
            : inTime(before, deadline);
    return start
        .thenCompose(write)
        .whenComplete((result, failure) -> {
          last.remove(id, ended);
          ended.complete(
              result instanceof Done<Item>(Item written) ? Optional.of(written) : Optional.empty());
        });
  }

  private static CompletableFuture<Optional<Item>> inTime(
      CompletableFuture<Optional<Item>> before, Deadline deadline) {
    return before
        .copy()
        .orTimeout(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)
        .exceptionallyCompose(late ->
            CompletableFuture.failedFuture(
                new Unavailable("other writers of the item did not end in time", late)));
  }
}
