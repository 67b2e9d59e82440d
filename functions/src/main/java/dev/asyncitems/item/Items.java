package dev.asyncitems.item;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Retries;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.item.ItemStore.Write;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Rejection.Reason;
import dev.asyncitems.value.Times;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The use cases of items. Thread-safe.
 *
 * <p>Futures fail with the exceptions that {@link ItemStore} names. They fail with a {@link
 * Rejection} for an unknown id, and for a write whose {@link VersionMatch} does not allow the
 * item's version.
 *
 * <p>After a conflict, a write is repeated if its {@link VersionMatch} allows the new version. To
 * prevent conflicts, replacements and patches of one item run one after the other within an
 * environment (docs/decisions/0031).
 */
public final class Items {
  private final ItemStore store;
  private final Retries retries;
  private final Clock clock;
  private final WriteQueue writers = new WriteQueue();

  public Items(ItemStore store, Retries retries, Clock clock) {
    this.store = store;
    this.retries = retries;
    this.clock = clock;
  }

  /** The item as it was created, and whether an earlier request with the same key created it. */
  public record Created(Item item, boolean replayed) {}

  /**
   * Creates an item, or returns the item that an earlier request with the same key created. Fails
   * with a {@link Rejection} if the key was used for another request.
   *
   * @throws dev.asyncitems.rejection.InvalidContent if the content breaks rules
   */
  public CompletableFuture<Created> create(
      ItemContent content, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    Item item = Item.create(content.require(), Times.now(clock));
    return store
        .add(item, idempotencyKey, deadline)
        .thenApply(earlier -> new Created(earlier.orElse(item), earlier.isPresent()));
  }

  /** Reads an item with strong consistency. */
  public CompletableFuture<Item> get(UUID id, Deadline deadline) {
    return store.find(id, deadline).thenApply(Items::require);
  }

  /** Lists items, newest first, with eventual consistency. */
  public CompletableFuture<Page<Item>> list(PageRequest request, Deadline deadline) {
    return store.page(request, deadline);
  }

  /**
   * Replaces an item's content and returns the new version.
   *
   * @throws dev.asyncitems.rejection.InvalidContent if the content breaks rules
   */
  public CompletableFuture<Item> replace(
      UUID id, ItemContent content, VersionMatch match, Deadline deadline) {
    ItemContent valid = content.require();
    return change(id, match, before -> valid, deadline);
  }

  /**
   * Changes a part of an item's content and returns the new version.
   *
   * @param patch makes the new content from the current content; may be called several times, so it
   *     must have no side effects
   * @return a future that fails with {@link dev.asyncitems.rejection.InvalidContent} if a value
   *     breaks a rule, even a stored value that the patch keeps
   */
  public CompletableFuture<Item> patch(
      UUID id, UnaryOperator<ItemContent> patch, VersionMatch match, Deadline deadline) {
    return change(id, match, before -> patch.apply(before).require(), deadline);
  }

  /** Deletes an item and returns its id. */
  public CompletableFuture<UUID> delete(UUID id, VersionMatch match, Deadline deadline) {
    if (match instanceof VersionMatch.Any) {
      return store
          .remove(id, deadline)
          .thenApply(removed -> require(removed ? Optional.of(id) : Optional.empty()));
    }
    Change removal =
        new Change(
            id,
            match,
            Function.identity(),
            (seen, same) -> store.remove(seen, deadline),
            deadline,
            retries.patience(deadline));
    return write(removal, 1).thenApply(Item::id);
  }

  private CompletableFuture<Item> change(
      UUID id, VersionMatch match, UnaryOperator<ItemContent> change, Deadline deadline) {
    Change replacement =
        new Change(
            id,
            match,
            seen -> seen.next(change.apply(seen.content()), Times.now(clock)),
            (seen, next) -> store.replace(seen, next, deadline),
            deadline,
            retries.patience(deadline));
    return writers.write(
        id,
        replacement.patience().less(Retries.ATTEMPT),
        left ->
            replacement.allows(left)
                ? write(replacement, left, 1, true)
                // Only a fresh read can justify a rejection, since the previous writer's item may
                // be missing or outdated.
                : write(replacement, 1));
  }

  private CompletableFuture<Item> write(Change change, int attempt) {
    return store
        .find(change.id(), change.deadline())
        .thenCompose(found -> write(change, found, attempt, true));
  }

  /**
   * Applies the change to the last known item and writes the result.
   *
   * @param attempt the number of pauses so far, plus 1
   * @param again whether to retry after a conflict without a pause, on the item that the conflict
   *     reports
   * @throws Rejection if the item does not exist or its version does not match
   */
  private CompletableFuture<Item> write(
      Change change, Optional<Item> now, int attempt, boolean again) {
    Item seen = require(now);
    if (!change.allows(now)) {
      throw new Rejection(Reason.PRECONDITION_FAILED);
    }
    Item next = change.toNext().apply(seen);
    return change
        .attempt()
        .write(seen, next)
        .thenCompose(write ->
            switch (write) {
              case Write.Written() -> CompletableFuture.completedFuture(next);
              case Write.Conflict(Optional<Item> left) when again || !change.allows(left) ->
                  write(change, left, attempt, false);
              case Write.Conflict _, Write.Busy _ ->
                  retries
                      .pause(attempt, change.patience())
                      .thenCompose(following -> write(change, following));
            });
  }

  private static <T> T require(Optional<T> found) {
    return found.orElseThrow(() -> new Rejection(Reason.NOT_FOUND));
  }

  @FunctionalInterface
  private interface Attempt {
    CompletableFuture<Write> write(Item seen, Item next);
  }

  private record Change(
      UUID id,
      VersionMatch match,
      Function<Item, Item> toNext,
      Attempt attempt,
      Deadline deadline,
      Deadline patience) {
    /** Returns whether the item exists and the write may change its version. */
    boolean allows(Optional<Item> found) {
      return found.filter(item -> match.allows(item.version())).isPresent();
    }
  }
}
