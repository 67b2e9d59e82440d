package dev.asyncitems.item;

import dev.asyncitems.call.Backoff;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.item.ItemStore.Write;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import dev.asyncitems.rejection.Result.Rejected;
import dev.asyncitems.value.Times;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What can be done with items. Safe for use by any number of threads.
 *
 * <p>Writes that name no version never refuse each other: one that was overtaken is done again on
 * what the other left. Writers of one item that share this object write one after the other; others
 * meet in the store (docs/decisions/0031).
 */
public final class Items {
  /** How long other writers of its item may delay a write. */
  private static final Duration PATIENCE = Duration.ofMillis(4_700);

  private final ItemStore store;
  private final Clock clock;
  private final Pause pause;
  private final WriteQueue writers = new WriteQueue();

  public Items(ItemStore store, Clock clock) {
    this(store, clock, Backoff::pause);
  }

  Items(ItemStore store, Clock clock, Pause pause) {
    this.store = store;
    this.clock = clock;
    this.pause = pause;
  }

  /** As {@link Backoff#pause}. */
  @FunctionalInterface
  interface Pause {
    CompletableFuture<Integer> after(int attempt, Deadline deadline);
  }

  /**
   * Creates an item.
   *
   * @throws dev.asyncitems.rejection.InvalidContent if the content breaks rules
   */
  public CompletableFuture<Result<Accepted<Item>>> create(
      ItemContent content, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    return store.add(Item.create(content.require(), Times.now(clock)), idempotencyKey, deadline);
  }

  /** Reads an item. */
  public CompletableFuture<Result<Item>> get(ItemId id, Deadline deadline) {
    return store
        .find(id, deadline)
        .thenApply(found -> found.<Result<Item>>map(Done::new).orElseGet(Items::notFound));
  }

  /** Lists items, newest first. */
  public CompletableFuture<Page<Item>> list(PageRequest request, Deadline deadline) {
    return store.page(request, deadline);
  }

  /**
   * Replaces an item's content.
   *
   * @throws dev.asyncitems.rejection.InvalidContent if the content breaks rules
   */
  public CompletableFuture<Result<Item>> replace(
      ItemId id, ItemContent content, VersionMatch match, Deadline deadline) {
    ItemContent valid = content.require();
    return change(id, match, before -> valid, deadline);
  }

  /**
   * Changes a part of an item's content.
   *
   * @param patch makes the new content of the present one; called again after each conflict
   * @return fails with {@link dev.asyncitems.rejection.InvalidContent} if the merged content breaks
   *     rules: the row did so before
   */
  public CompletableFuture<Result<Item>> patch(
      ItemId id, UnaryOperator<ItemContent> patch, VersionMatch match, Deadline deadline) {
    return change(id, match, before -> patch.apply(before).require(), deadline);
  }

  /** Deletes an item. */
  public CompletableFuture<Result<ItemId>> delete(
      ItemId id, VersionMatch match, Deadline deadline) {
    if (match instanceof VersionMatch.Any) {
      return store.remove(id, deadline).thenApply(removed -> removed ? new Done<>(id) : notFound());
    }
    Change removal =
        new Change(
            id,
            match,
            Function.identity(),
            (seen, same) -> store.remove(seen, deadline),
            deadline,
            deadline.orAfter(PATIENCE));
    return write(removal, 1).thenApply(result -> result.map(Item::id));
  }

  private CompletableFuture<Result<Item>> change(
      ItemId id, VersionMatch match, UnaryOperator<ItemContent> change, Deadline deadline) {
    Change replacement =
        new Change(
            id,
            match,
            seen -> seen.next(change.apply(seen.content()), Times.now(clock)),
            (seen, next) -> store.replace(seen, next, deadline),
            deadline,
            deadline.orAfter(PATIENCE));
    return writers.write(
        id,
        replacement.patience().less(Backoff.ATTEMPT),
        left ->
            replacement.check(left) instanceof Done
                ? write(replacement, left, 1, true)
                // a rejection needs a read: the writer before may have been answered late
                : write(replacement, 1));
  }

  private CompletableFuture<Result<Item>> write(Change change, int attempt) {
    return store
        .find(change.id(), change.deadline())
        .thenCompose(found -> write(change, found, attempt, true));
  }

  /**
   * Writes on what is there.
   *
   * @param now the item as it was a moment ago
   * @param attempt how many reads were made for the write, this one included
   * @param again whether a write that is overtaken is tried once more without a pause: the store
   *     says what the other left, and that is fresher than a read
   */
  private CompletableFuture<Result<Item>> write(
      Change change, Optional<Item> now, int attempt, boolean again) {
    if (!(change.check(now) instanceof Done<Item>(Item seen))) {
      return CompletableFuture.completedFuture(change.check(now));
    }
    Item next = change.toNext().apply(seen);
    return change
        .attempt()
        .write(seen, next)
        .thenCompose(write ->
            switch (write) {
              case Write.Written() -> CompletableFuture.completedFuture(new Done<>(next));
              case Write.Overtaken(Optional<Item> left)
                  when again || change.check(left) instanceof Rejected ->
                  write(change, left, attempt, false);
              case Write.Overtaken _, Write.Busy _ ->
                  pause
                      .after(attempt, change.patience())
                      .thenCompose(made -> write(change, made + 1));
            });
  }

  private static <T> Result<T> notFound() {
    return new Rejected<>(Rejection.NOT_FOUND);
  }

  @FunctionalInterface
  private interface Attempt {
    CompletableFuture<Write> write(Item seen, Item next);
  }

  private record Change(
      ItemId id,
      VersionMatch match,
      Function<Item, Item> toNext,
      Attempt attempt,
      Deadline deadline,
      Deadline patience) {
    /** The item as it may be written, or why it may not. */
    Result<Item> check(Optional<Item> found) {
      return found
          .<Result<Item>>map(item ->
              match.allows(item.version())
                  ? new Done<>(item)
                  : new Rejected<>(Rejection.PRECONDITION_FAILED))
          .orElseGet(Items::notFound);
    }
  }
}
