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
 * The use cases of items. Thread-safe. Futures fail with the exceptions that {@link ItemStore}
 * names.
 *
 * <p>Use cases of an existing item reject an unknown id with {@link Rejection#NOT_FOUND}. Writes
 * reject a version that their {@link VersionMatch} does not allow with {@link
 * Rejection#PRECONDITION_FAILED}.
 *
 * <p>Writes that allow any version never reject each other: after a conflict they are repeated on
 * the new version. Writers of one item that share this object run one after the other. Only writers
 * in different environments conflict in the store (docs/decisions/0031).
 */
public final class Items {
  /**
   * The longest time for which other writers may delay a write, before it fails with Unavailable.
   */
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

  /** A pause between attempts, as {@link Backoff#pause}. */
  @FunctionalInterface
  interface Pause {
    CompletableFuture<Integer> after(int attempt, Deadline deadline);
  }

  /**
   * Creates an item, or returns the item that an earlier request with the same key created. Rejects
   * a key that was used for another request with {@link Rejection#KEY_REUSED}.
   *
   * @throws dev.asyncitems.rejection.InvalidContent if the content breaks rules
   */
  public CompletableFuture<Result<Accepted<Item>>> create(
      ItemContent content, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    return store.add(Item.create(content.require(), Times.now(clock)), idempotencyKey, deadline);
  }

  /** Reads an item, strongly consistent. */
  public CompletableFuture<Result<Item>> get(ItemId id, Deadline deadline) {
    return store
        .find(id, deadline)
        .thenApply(found -> found.<Result<Item>>map(Done::new).orElseGet(Items::notFound));
  }

  /** Lists items, newest first, eventually consistent. */
  public CompletableFuture<Page<Item>> list(PageRequest request, Deadline deadline) {
    return store.page(request, deadline);
  }

  /**
   * Replaces an item's content and returns the new version.
   *
   * @throws dev.asyncitems.rejection.InvalidContent if the content breaks rules
   */
  public CompletableFuture<Result<Item>> replace(
      ItemId id, ItemContent content, VersionMatch match, Deadline deadline) {
    ItemContent valid = content.require();
    return change(id, match, before -> valid, deadline);
  }

  /**
   * Changes a part of an item's content and returns the new version.
   *
   * @param patch returns the new content for the current content; called again after each conflict
   * @return a future that fails with {@link dev.asyncitems.rejection.InvalidContent} if the merged
   *     content breaks rules, because the stored content does
   */
  public CompletableFuture<Result<Item>> patch(
      ItemId id, UnaryOperator<ItemContent> patch, VersionMatch match, Deadline deadline) {
    return change(id, match, before -> patch.apply(before).require(), deadline);
  }

  /** Deletes an item and returns its id. */
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
                // A rejection needs a fresh read, since the other writer's response may have been
                // late.
                : write(replacement, 1));
  }

  private CompletableFuture<Result<Item>> write(Change change, int attempt) {
    return store
        .find(change.id(), change.deadline())
        .thenCompose(found -> write(change, found, attempt, true));
  }

  /**
   * Writes the change of the current item.
   *
   * @param now the item as last known
   * @param attempt the number of reads so far
   * @param again whether a conflict is retried once without a pause or a read; the conflict itself
   *     returns the current item
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
              case Write.Conflict(Optional<Item> left)
                  when again || change.check(left) instanceof Rejected ->
                  write(change, left, attempt, false);
              case Write.Conflict _, Write.Busy _ ->
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
    /** Returns the item if it may be written, or else the rejection. */
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
