package dev.asyncitems.imports;

import dev.asyncitems.imports.Chunk.RejectedLine;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An import of items and its progress, which is derived from its chunks. Immutable.
 *
 * @param id a UUIDv7 with the time of acceptance and the counter 0
 * @param total the number of lines to import, from 1 to {@value #MAX_LINES}
 * @param chunks the chunks in order, as far as they are known; none when the import is accepted
 */
public record Import(UUID id, int total, List<Task<Chunk>> chunks) {
  /** The maximum number of lines. */
  public static final int MAX_LINES = 1_000;

  public Import {
    chunks = List.copyOf(chunks);
  }

  /** The status of an import. */
  public enum Status {
    /** No chunk was attempted. */
    QUEUED,
    /** A chunk was attempted, and a chunk is pending. */
    RUNNING,
    /** All chunks are done. */
    DONE,
    /** A chunk has failed, and none is pending. A replay can still complete it. */
    FAILED;

    /** Returns the name in lower case. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns the ids of the chunks. A chunk's id is the import's id with the chunk's number. */
  public List<UUID> chunkIds() {
    int count = Math.ceilDiv(Math.clamp(total, 0, MAX_LINES), Chunk.MAX_LINES);
    return IntStream.rangeClosed(1, count).mapToObj(n -> UuidV7.withCounter(id, n)).toList();
  }

  /** Returns the status. */
  public Status status() {
    int all = chunkIds().size();
    int failed = with(TaskStatus.FAILED).size();
    int ended = with(TaskStatus.DONE).size() + failed;
    if (ended == all) {
      return failed == 0 ? Status.DONE : Status.FAILED;
    }
    boolean attempted = chunks.stream().anyMatch(chunk -> chunk.attempts() > 0);
    return ended > 0 || attempted ? Status.RUNNING : Status.QUEUED;
  }

  /** Returns the time of acceptance, to the millisecond. */
  public Instant createdAt() {
    return UuidV7.time(id);
  }

  /** Returns the earliest start of a chunk that is done, or empty if none is. */
  public Optional<Instant> startedAt() {
    return chunks.stream()
        .flatMap(chunk -> chunk.data().result().startedAt().stream())
        .min(Comparator.naturalOrder());
  }

  /** Returns when the last chunk took effect, or empty unless all chunks are done. */
  public Optional<Instant> finishedAt() {
    return status() == Status.DONE
        ? chunks.stream().flatMap(chunk -> chunk.doneAt().stream()).max(Comparator.naturalOrder())
        : Optional.empty();
  }

  /** Returns the number of items created so far. */
  public int created() {
    return sum(Chunk.Result::created);
  }

  /** Returns the number of lines rejected so far. */
  public int rejected() {
    return sum(Chunk.Result::rejected);
  }

  /** Returns the rejected lines that were read, in order. */
  public Stream<RejectedLine> rejectedLines() {
    return chunks.stream().flatMap(chunk -> chunk.data().result().rejectedLines().stream());
  }

  /** Returns why the import failed, or empty unless it failed. */
  public Optional<String> failure() {
    return status() == Status.FAILED
        ? with(TaskStatus.FAILED).getFirst().failure()
        : Optional.empty();
  }

  private List<Task<Chunk>> with(TaskStatus status) {
    return chunks.stream().filter(chunk -> chunk.status() == status).toList();
  }

  private int sum(ToIntFunction<Chunk.Result> count) {
    return chunks.stream().mapToInt(chunk -> count.applyAsInt(chunk.data().result())).sum();
  }
}
