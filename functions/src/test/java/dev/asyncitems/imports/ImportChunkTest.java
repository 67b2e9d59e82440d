package dev.asyncitems.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.imports.Chunk.RejectedLine;
import dev.asyncitems.imports.Chunk.Result;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.ItemContent;
import dev.asyncitems.item.TestItems;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Fault;
import dev.asyncitems.rejection.InvalidContent;
import dev.asyncitems.value.UuidV7;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What {@link ImportChunk} hands to the store for a chunk. */
final class ImportChunkTest {
  private static final Instant ACCEPTED = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final Instant START = ACCEPTED.plusSeconds(5);
  private static final Instant END = START.plusMillis(40);
  private static final UUID ID = UuidV7.at(ACCEPTED, 3);
  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));
  private static final List<Fault> FAULTS = List.of(new Fault("/price", "is required"));

  private Optional<Task<Chunk>> stored =
      Optional.of(chunk(TaskStatus.QUEUED, Optional.of(lines("a\n\nbad\nb"))));
  private final List<Completion> completions = new ArrayList<>();
  private final ImportChunk task =
      new ImportChunk(new Store(), ImportChunkTest::read, Clock.fixed(END, ZoneOffset.UTC));

  private record Completion(Task<Chunk> seen, Result result, List<Item> items, Attempt attempt) {}

  private static Lines lines(String text) {
    return new Lines(51, UTF_8.encode(text));
  }

  private static Task<Chunk> chunk(TaskStatus status, Optional<Lines> lines) {
    return new Task<>(
        ID, new Chunk(3, lines, Result.NONE), status, 0, Optional.empty(), Optional.empty());
  }

  private static ItemContent read(ByteBuffer line) {
    String name = UTF_8.decode(line.duplicate()).toString();
    if (name.equals("bad")) {
      throw new InvalidContent(FAULTS);
    }
    if (name.equals("bug")) {
      throw new IllegalStateException("bug");
    }
    return TestItems.named(name);
  }

  private CompletableFuture<Effect> run() {
    return task.run(ID, new Attempt("delivery", START), DEADLINE);
  }

  @Test
  void validLinesBecomeItemsAndOthersAreRejected() {
    assertThat(run()).isCompletedWithValue(Effect.DONE);
    Completion completion = completions.getFirst();
    assertThat(completion.seen()).isEqualTo(stored.get());
    assertThat(completion.result())
        .isEqualTo(new Result(Optional.of(START), 2, 1, List.of(new RejectedLine(53, FAULTS))));
    assertThat(completion.items())
        .extracting(item -> item.content().name())
        .containsExactly("a", "b");
    assertThat(completion.attempt()).isEqualTo(new Attempt("delivery", END));
  }

  @Test
  void idsSortByTheLinesOfTheWholeImport() {
    assertThat(run()).isCompleted();
    List<Item> items = completions.getFirst().items();
    // Chunk 3 begins behind 50 lines. The rejected line keeps its place.
    assertThat(items)
        .extracting(item -> item.id().toString().substring(14, 18))
        .containsExactly("7032", "7034");
    assertThat(items).allMatch(item -> item.createdAt().equals(ACCEPTED) && item.version() == 1);
  }

  @Test
  void aDoneChunkIsNotImportedAgain() {
    stored = Optional.of(chunk(TaskStatus.DONE, Optional.of(lines("a"))));
    assertThat(run()).isCompletedWithValue(Effect.ALREADY_DONE);
    assertThat(completions).isEmpty();
  }

  @Test
  void anUnknownChunkIsReported() {
    stored = Optional.empty();
    assertThat(run()).isCompletedWithValue(Effect.UNKNOWN);
    assertThat(completions).isEmpty();
  }

  @Test
  void aFailedChunkIsImportedByAReplay() {
    stored = Optional.of(chunk(TaskStatus.FAILED, Optional.of(lines("a"))));
    assertThat(run()).isCompleted();
    assertThat(completions).hasSize(1);
  }

  @Test
  void aChunkThatLostItsLinesIsNotDone() {
    stored = Optional.of(chunk(TaskStatus.QUEUED, Optional.empty()));
    assertThatThrownBy(() -> run().join()).hasRootCauseMessage("a chunk to import has no lines");
    assertThat(completions).isEmpty();
  }

  @Test
  void contentThatBreaksARuleIsRejectedWhateverTheReaderSays() {
    stored = Optional.of(chunk(TaskStatus.QUEUED, Optional.of(lines(" " + "\u00a0"))));
    assertThat(run()).isCompleted();
    assertThat(completions.getFirst().items()).isEmpty();
    assertThat(completions.getFirst().result().rejected()).isEqualTo(1);
  }

  @Test
  void anUnexpectedFailureOfALineFailsTheAttempt() {
    stored = Optional.of(chunk(TaskStatus.QUEUED, Optional.of(lines("a\nbug"))));
    assertThatThrownBy(() -> run().join()).hasRootCauseMessage("bug");
    assertThat(completions).isEmpty();
  }

  /** Keeps what is completed. */
  private final class Store implements ImportStore {
    @Override
    public CompletableFuture<Optional<Task<Chunk>>> chunk(UUID id, Deadline deadline) {
      return CompletableFuture.completedFuture(stored);
    }

    @Override
    public CompletableFuture<Effect> complete(
        Task<Chunk> seen, Result result, List<Item> items, Attempt attempt, Deadline deadline) {
      completions.add(new Completion(seen, result, items, attempt));
      return CompletableFuture.completedFuture(Effect.DONE);
    }

    @Override
    public CompletableFuture<Optional<Import>> add(
        Import accepted,
        List<Chunk> chunks,
        List<OutboxEntry> entries,
        Optional<IdempotencyKey> idempotencyKey,
        Deadline deadline) {
      throw new AssertionError("a chunk adds no import");
    }

    @Override
    public CompletableFuture<Optional<Import>> find(UUID id, Deadline deadline) {
      throw new AssertionError("a chunk reads no import");
    }

    @Override
    public CompletableFuture<Page<Import>> page(PageRequest request, Deadline deadline) {
      throw new AssertionError("a chunk lists no imports");
    }
  }
}
