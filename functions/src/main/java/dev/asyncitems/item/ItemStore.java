package dev.asyncitems.item;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Result;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where items are kept.
 *
 * <p>Every write has a single effect, also when it is sent again after a lost answer. Futures never
 * complete with {@code null}; they fail with {@link dev.asyncitems.call.Unavailable} when the store
 * throttles or is away, and with {@link dev.asyncitems.call.DeadlineExceeded} when the time ran
 * out. Implementations are safe for use by any number of threads.
 */
public interface ItemStore {
  /** Reads one, strongly consistent. */
  CompletableFuture<Optional<Item>> find(ItemId id, Deadline deadline);

  /**
   * Adds one, and with an idempotency key its record in the same transaction.
   *
   * @return the item, or the one that an earlier request with the same key made, as it was then;
   *     rejected when the key was used for another request
   */
  CompletableFuture<Result<Accepted<Item>>> add(
      Item item, Optional<IdempotencyKey> idempotencyKey, Deadline deadline);

  /** Replaces an item by its next version, if it still is at the version that was seen. */
  CompletableFuture<Write> replace(Item seen, Item next, Deadline deadline);

  /** Removes an item, whichever its version; false when there is none. */
  CompletableFuture<Boolean> remove(ItemId id, Deadline deadline);

  /** Removes an item, if it still is at the version that was seen. */
  CompletableFuture<Write> remove(Item seen, Deadline deadline);

  /**
   * A page of all items, newest first, eventually consistent: an item just written may be missing
   * from it.
   */
  CompletableFuture<Page<Item>> page(PageRequest request, Deadline deadline);

  /** What became of a write that depends on the version seen. */
  sealed interface Write {
    /** It took effect. */
    record Written() implements Write {}

    /** It had no effect, since another write came first; the item as that left it. */
    record Overtaken(Optional<Item> now) implements Write {}

    /** It had no effect, since other writes of the item were under way. */
    record Busy() implements Write {}
  }
}
