package dev.asyncitems.item;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Unavailable;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One queue of writers for each item, in the order of arrival. A queue prevents conflicts between
 * its writers. It does not lock the item for other environments. Thread-safe.
 */
final class WriteQueue {
  private final ConcurrentMap<UUID, CompletableFuture<Optional<Item>>> last =
      new ConcurrentHashMap<>();

  /**
   * Calls {@code write} after the earlier writers of the item have ended.
   *
   * @param write receives the item that the previous writer wrote; empty if no writer was queued or
   *     the previous writer wrote nothing
   * @return the result of {@code write}; fails with {@link Unavailable} if the earlier writers do
   *     not end by the deadline
   */
  CompletableFuture<Item> write(
      UUID id, Deadline deadline, Function<Optional<Item>, CompletableFuture<Item>> write) {
    CompletableFuture<Optional<Item>> ended = new CompletableFuture<>();
    CompletableFuture<Optional<Item>> before = last.put(id, ended);
    CompletableFuture<Optional<Item>> start =
        before == null
            ? CompletableFuture.completedFuture(Optional.empty())
            : inTime(before, deadline);
    return start
        .thenCompose(write)
        .whenComplete((written, failure) -> {
          last.remove(id, ended);
          ended.complete(Optional.ofNullable(written));
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
