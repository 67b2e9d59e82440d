package dev.asyncitems.imports;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.Outbox;
import dev.asyncitems.outbox.Outbox.Accepted;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The use case that accepts imports. Thread-safe. */
public final class Imports {
  private final ImportStore store;
  private final Outbox outbox;
  private final Clock clock;

  public Imports(ImportStore store, Outbox outbox, Clock clock) {
    this.store = store;
    this.outbox = outbox;
    this.clock = clock;
  }

  /**
   * Accepts an import as {@link Outbox#accept} accepts work. The future fails with the exceptions
   * that {@link ImportStore#add} names.
   *
   * @param lines 1 to {@value Import#MAX_LINES} lines that are not blank
   */
  public CompletableFuture<Accepted<Import>> accept(
      Lines lines, Optional<IdempotencyKey> idempotencyKey, TraceContext trace, Deadline deadline) {
    List<Chunk> chunks = new ArrayList<>();
    for (Lines part : lines.split(Chunk.MAX_LINES)) {
      chunks.add(new Chunk(chunks.size() + 1, Optional.of(part), Chunk.Result.NONE));
    }
    return outbox.accept(
        new Import(UuidV7.at(Times.now(clock), 0), lines.list().size(), List.of()),
        Import::chunkIds,
        (accepted, entries) -> store.add(accepted, chunks, entries, idempotencyKey, deadline),
        trace,
        deadline);
  }
}
