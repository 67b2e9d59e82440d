package dev.asyncitems.item;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A store whose calls wait until the test answers them. It keeps the calls in order. */
final class HandStore implements ItemStore {
  /** A read of an item. */
  record Find(UUID id, CompletableFuture<Optional<Item>> answer) {}

  /** A write of a new item. */
  record Add(
      Item item,
      Optional<IdempotencyKey> idempotencyKey,
      CompletableFuture<Optional<Item>> answer) {}

  /** An update or a conditional delete of the version that was read. */
  record Change(Item seen, Optional<Item> next, CompletableFuture<Write> answer) {}

  /** A delete of an item, whatever its version. */
  record Remove(UUID id, CompletableFuture<Boolean> answer) {}

  final Deque<Find> finds = new ArrayDeque<>();
  final Deque<Add> adds = new ArrayDeque<>();
  final Deque<Change> changes = new ArrayDeque<>();
  final Deque<Remove> removes = new ArrayDeque<>();
  final Deque<Deadline> deadlines = new ArrayDeque<>();

  boolean isIdle() {
    return finds.isEmpty() && adds.isEmpty() && changes.isEmpty() && removes.isEmpty();
  }

  @Override
  public CompletableFuture<Optional<Item>> find(UUID id, Deadline deadline) {
    deadlines.add(deadline);
    finds.add(new Find(id, new CompletableFuture<>()));
    return finds.getLast().answer();
  }

  @Override
  public CompletableFuture<Optional<Item>> add(
      Item item, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    deadlines.add(deadline);
    adds.add(new Add(item, idempotencyKey, new CompletableFuture<>()));
    return adds.getLast().answer();
  }

  @Override
  public CompletableFuture<Write> replace(Item seen, Item next, Deadline deadline) {
    return change(seen, Optional.of(next), deadline);
  }

  @Override
  public CompletableFuture<Write> remove(Item seen, Deadline deadline) {
    return change(seen, Optional.empty(), deadline);
  }

  private CompletableFuture<Write> change(Item seen, Optional<Item> next, Deadline deadline) {
    deadlines.add(deadline);
    changes.add(new Change(seen, next, new CompletableFuture<>()));
    return changes.getLast().answer();
  }

  @Override
  public CompletableFuture<Boolean> remove(UUID id, Deadline deadline) {
    deadlines.add(deadline);
    removes.add(new Remove(id, new CompletableFuture<>()));
    return removes.getLast().answer();
  }

  @Override
  public CompletableFuture<Page<Item>> page(PageRequest request, Deadline deadline) {
    throw new AssertionError("no test lists");
  }
}
