package dev.asyncitems.item;

import dev.asyncitems.kernel.Deadline;
import dev.asyncitems.kernel.Result;
import dev.asyncitems.kernel.Result.Done;
import dev.asyncitems.kernel.Unavailable;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The order in which writers of one item take turns: first come, first served. It saves them the
 * conflicts that they would have with each other; it protects nothing, since writers in other
 * environments do not know of it. Safe for use by any number of threads.
 *
 * <p>Holds an entry for each item that is being written, and nothing once its writers have ended.
 */
final class Turns {
  private final ConcurrentMap<ItemId, CompletableFuture<Optional<Item>>> last =
      new ConcurrentHashMap<>();

  /**
   * Writes once the writers that came before have ended.
   *
   * @param write writes on the item as the writer before left it, a moment ago; empty where there
   *     was none, or where it did not write
   * @return what the write gives; fails with {@link Unavailable} if the turn does not come in time
   */
  CompletableFuture<Result<Item>> take(
      ItemId id,
      Deadline deadline,
      Function<Optional<Item>, CompletableFuture<Result<Item>>> write) {
    CompletableFuture<Optional<Item>> turn = new CompletableFuture<>();
    CompletableFuture<Optional<Item>> before = last.put(id, turn);
    CompletableFuture<Optional<Item>> mine =
        before == null
            ? CompletableFuture.completedFuture(Optional.empty())
            : inTime(before, deadline);
    return mine.thenCompose(write)
        .whenComplete((result, failure) -> {
          last.remove(id, turn);
          turn.complete(
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
