package dev.asyncitems.item;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The store of items.
 *
 * <p>Every write has a single effect, even if it is sent again after a lost response. Futures fail
 * with {@link dev.asyncitems.call.Unavailable} when the store throttles or is unreachable, and with
 * {@link dev.asyncitems.call.DeadlineExceeded} after the deadline. Implementations are thread-safe.
 */
public interface ItemStore {
  /** Reads an item with strong consistency. Returns empty if no item has the id. */
  CompletableFuture<Optional<Item>> find(UUID id, Deadline deadline);

  /**
   * Adds an item and, in the same transaction, the record of its idempotency key.
   *
   * @return the item as an earlier request with the same key added it; empty if this request added
   *     it. Fails with {@link dev.asyncitems.rejection.Rejection} if the key was used for another
   *     request.
   */
  CompletableFuture<Optional<Item>> add(
      Item item, Optional<IdempotencyKey> idempotencyKey, Deadline deadline);

  /** Replaces an item if it still has the version of {@code seen}. */
  CompletableFuture<Write> replace(Item seen, Item next, Deadline deadline);

  /** Removes an item, whatever its version. Returns false if no item has the id. */
  CompletableFuture<Boolean> remove(UUID id, Deadline deadline);

  /** Removes an item if it still has the version of {@code seen}. */
  CompletableFuture<Write> remove(Item seen, Deadline deadline);

  /** Returns a page of items, newest first. A new item may be missing for a moment. */
  CompletableFuture<Page<Item>> page(PageRequest request, Deadline deadline);

  /** The result of a write that depends on the version of {@code seen}. */
  sealed interface Write {
    /** The write took effect. */
    record Written() implements Write {}

    /** Another write came first. {@code now} is the current item, or empty if it was deleted. */
    record Conflict(Optional<Item> now) implements Write {}

    /** A concurrent write or throttling cancelled the write, so nothing was changed. */
    record Busy() implements Write {}
  }
}
