package dev.asyncitems.imports;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.imports.Chunk.RejectedLine;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.outbox.BackgroundTask;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The background task that creates the items of a chunk. Thread-safe. */
public final class ImportChunk implements BackgroundTask {
  private final ImportStore store;
  private final LineReader reader;
  private final Clock clock;

  public ImportChunk(ImportStore store, LineReader reader, Clock clock) {
    this.store = store;
    this.reader = reader;
    this.clock = clock;
  }

  /** A reader of the content of an item. Implementations are thread-safe. */
  @FunctionalInterface
  public interface LineReader {
    /**
     * Reads a line.
     *
     * @throws InvalidContent if the line is malformed or breaks the rules of items
     */
    ItemContent read(ByteBuffer line);
  }

  @Override
  public CompletableFuture<Effect> run(UUID id, Attempt attempt, Deadline deadline) {
    return store
        .chunk(id, deadline)
        .thenCompose(found -> {
          if (found.isEmpty()) {
            return CompletableFuture.completedFuture(Effect.UNKNOWN);
          }
          return found.get().status() == TaskStatus.DONE
              ? CompletableFuture.completedFuture(Effect.ALREADY_DONE)
              : run(found.get(), attempt, deadline);
        });
  }

  private CompletableFuture<Effect> run(Task<Chunk> task, Attempt attempt, Deadline deadline) {
    List<Item> items = new ArrayList<>();
    List<RejectedLine> rejected = new ArrayList<>();
    // Ids of one time sort by their counters, so the items sort by their lines.
    int counter = (task.data().number() - 1) * Chunk.MAX_LINES;
    for (Lines.Line line : task.data().requiredLines().list()) {
      try {
        ItemContent content = reader.read(line.text()).require();
        items.add(Item.create(content, UuidV7.at(task.createdAt(), counter)));
      } catch (InvalidContent e) {
        rejected.add(new RejectedLine(line.number(), e.faults()));
      }
      counter++;
    }
    Chunk.Result result =
        new Chunk.Result(Optional.of(attempt.at()), items.size(), rejected.size(), rejected);
    Attempt ended = new Attempt(attempt.delivery(), Times.later(Times.now(clock), attempt.at()));
    return store.complete(task, result, items, ended, deadline);
  }
}
