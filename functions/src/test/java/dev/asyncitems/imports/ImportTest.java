package dev.asyncitems.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.imports.Chunk.RejectedLine;
import dev.asyncitems.imports.Chunk.Result;
import dev.asyncitems.imports.Import.Status;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.rejection.Fault;
import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The progress of an import, derived from its chunks. */
final class ImportTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final UUID ID = UuidV7.at(NOW, 0);

  private static Task<Chunk> queued(int number, int attempts) {
    return new Task<>(
        UuidV7.withCounter(ID, number),
        new Chunk(number, Optional.empty(), Result.NONE),
        TaskStatus.QUEUED,
        attempts,
        Optional.empty(),
        attempts == 0 ? Optional.empty() : Optional.of("the store was unavailable"));
  }

  private static Task<Chunk> done(int number, int created, int... rejected) {
    List<RejectedLine> lines =
        IntStream.of(rejected)
            .mapToObj(line -> new RejectedLine(line, List.of(new Fault("/name", "is required"))))
            .toList();
    Instant start = NOW.plusSeconds(10L * number);
    return new Task<>(
        UuidV7.withCounter(ID, number),
        new Chunk(
            number, Optional.empty(), new Result(Optional.of(start), created, lines.size(), lines)),
        TaskStatus.DONE,
        1,
        Optional.of(start.plusSeconds(1)),
        Optional.empty());
  }

  private static Task<Chunk> failed(int number, String reason) {
    return new Task<>(
        UuidV7.withCounter(ID, number),
        new Chunk(number, Optional.empty(), Result.NONE),
        TaskStatus.FAILED,
        8,
        Optional.empty(),
        Optional.of(reason));
  }

  private static Import of(int total, List<Task<Chunk>> chunks) {
    return new Import(ID, total, chunks);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "25, 1", "26, 2", "999, 40", "1000, 40"})
  void chunksHaveTwentyFiveLinesAndIdsInTheirOrder(int total, int chunks) {
    List<UUID> ids = of(total, List.of()).chunkIds();
    assertThat(ids).hasSize(chunks).isSorted().doesNotContain(ID);
    assertThat(ids).allMatch(id -> UuidV7.time(id).equals(NOW));
    assertThat(ids.getFirst().toString()).isEqualTo(ID.toString().replace("-7000-", "-7001-"));
  }

  @ParameterizedTest
  @CsvSource({"-1, 0", "2000000000, 40"})
  void aRowOfAnotherProgramHasABoundedNumberOfChunks(int total, int chunks) {
    assertThat(of(total, List.of()).chunkIds()).hasSize(chunks);
  }

  @Test
  void anAcceptedImportIsQueued() {
    Import accepted = of(26, List.of());
    assertThat(accepted.status()).isEqualTo(Status.QUEUED);
    assertThat(accepted.createdAt()).isEqualTo(NOW);
    assertThat(accepted.created()).isZero();
    assertThat(accepted.rejected()).isZero();
    assertThat(accepted.startedAt()).isEmpty();
    assertThat(of(26, List.of(queued(1, 0), queued(2, 0))).status()).isEqualTo(Status.QUEUED);
  }

  @Test
  void anImportIsRunningWhileAChunkIsPending() {
    assertThat(of(26, List.of(queued(1, 0), queued(2, 1))).status()).isEqualTo(Status.RUNNING);
    assertThat(of(26, List.of(done(1, 25), queued(2, 0))).status()).isEqualTo(Status.RUNNING);
    assertThat(of(26, List.of(failed(1, "a"), queued(2, 0))).status()).isEqualTo(Status.RUNNING);
    assertThat(of(26, List.of(done(1, 25))).status())
        .as("a chunk is not read")
        .isEqualTo(Status.RUNNING);
    assertThat(of(26, List.of(failed(1, "a"), queued(2, 0))).failure()).isEmpty();
    assertThat(of(26, List.of(done(1, 25), queued(2, 0))).finishedAt()).isEmpty();
  }

  @Test
  void aDoneImportAddsUpItsChunks() {
    Import done = of(60, List.of(done(1, 24, 7), done(2, 25), done(3, 8, 55, 57)));
    assertThat(done.status()).isEqualTo(Status.DONE);
    assertThat(done.created()).isEqualTo(57);
    assertThat(done.rejected()).isEqualTo(3);
    assertThat(done.rejectedLines()).extracting(RejectedLine::number).containsExactly(7, 55, 57);
    assertThat(done.startedAt()).contains(NOW.plusSeconds(10));
    assertThat(done.finishedAt()).contains(NOW.plusSeconds(31));
    assertThat(done.failure()).isEmpty();
  }

  @Test
  void anImportWithAFailedChunkAndNonePendingHasFailed() {
    Import failed = of(60, List.of(done(1, 25), failed(2, "away"), failed(3, "late")));
    assertThat(failed.status()).isEqualTo(Status.FAILED);
    assertThat(failed.failure()).contains("away");
    assertThat(failed.created()).isEqualTo(25);
    assertThat(failed.finishedAt()).isEmpty();
  }

  @Test
  void aStatusHasALowerCaseName() {
    assertThat(Status.values())
        .extracting(Status::text)
        .containsExactly("queued", "running", "done", "failed");
  }

  @Test
  void aRejectedLineKeepsTwentyFaults() {
    List<Fault> faults = Collections.nCopies(21, new Fault("/name", "is required"));
    assertThat(new RejectedLine(1, faults).faults()).hasSize(20);
  }
}
