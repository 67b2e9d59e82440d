package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The tasks of one kind. Futures fail with the exceptions that {@link OutboxStore} names.
 * Implementations are thread-safe.
 */
public interface TaskStore<D> {
  /**
   * Adds a queued task with its outbox entry and, in the same transaction, the record of its
   * idempotency key, if there is one. The write has a single effect, even if it is sent again after
   * a lost response.
   *
   * @return the task as an earlier request with the same key added it; empty if this request added
   *     it. Fails with {@link dev.asyncitems.rejection.Rejection} if the key was used for another
   *     request.
   */
  CompletableFuture<Optional<Task<D>>> add(
      Task<D> task, OutboxEntry entry, Optional<IdempotencyKey> idempotencyKey, Deadline deadline);

  /** Reads a task with strong consistency. Returns empty if no task has the id, or no longer. */
  CompletableFuture<Optional<Task<D>>> find(UUID id, Deadline deadline);

  /**
   * Deletes a task and its data, whatever its status. The consumer then deletes its messages
   * without an effect. The write has a single effect, even if it is sent again after a lost
   * response.
   *
   * @return false if no task has the id
   */
  CompletableFuture<Boolean> delete(UUID id, Deadline deadline);

  /**
   * Returns a page of tasks, newest first, with eventual consistency. But queued tasks are sorted
   * by next dispatch, and failed tasks by time of failure, latest first. A page may have fewer
   * tasks than requested, even if more pages follow. It leaves out tasks that were deleted
   * meanwhile or have another status. It may miss a task that was added just before.
   *
   * @param status the status to list; empty for all tasks
   */
  CompletableFuture<Page<Task<D>>> page(
      Optional<TaskStatus> status, PageRequest request, Deadline deadline);
}
