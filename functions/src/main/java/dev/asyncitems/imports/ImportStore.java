package dev.asyncitems.imports;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.item.Item;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The store of imports and their chunks.
 *
 * <p>Every write has a single effect, even if it is sent again after a lost response. Futures never
 * complete with {@code null}. They fail with {@link dev.asyncitems.call.Unavailable} when the store
 * throttles or is unreachable, and with {@link dev.asyncitems.call.DeadlineExceeded} after the
 * deadline. Implementations are thread-safe.
 */
public interface ImportStore {
  /**
   * Adds an import, its queued chunks and the record of its idempotency key in one transaction.
   *
   * @param chunks the chunks in order
   * @param entries the outbox entries of the chunks
   * @return the import as an earlier request with the same key added it; empty if this request
   *     added it. Fails with {@link dev.asyncitems.rejection.Rejection} if the key was used for
   *     another request.
   */
  CompletableFuture<Optional<Import>> add(
      Import accepted,
      List<Chunk> chunks,
      List<OutboxEntry> entries,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline);

  /** Reads an import with strong consistency. Returns empty if no import has the id. */
  CompletableFuture<Optional<Import>> find(UUID id, Deadline deadline);

  /**
   * Returns a page of imports, newest first, with eventual consistency. Their rejected lines are
   * counted, not read.
   */
  CompletableFuture<Page<Import>> page(PageRequest request, Deadline deadline);

  /** Reads a chunk with strong consistency. Returns empty if no chunk has the id. */
  CompletableFuture<Optional<Task<Chunk>>> chunk(UUID id, Deadline deadline);

  /**
   * Adds a chunk's items and marks it done in one transaction, unless it is done already.
   *
   * @param seen the chunk as it was read
   */
  CompletableFuture<Effect> complete(
      Task<Chunk> seen, Chunk.Result result, List<Item> items, Attempt attempt, Deadline deadline);
}
