package dev.asyncitems.imports;

import dev.asyncitems.rejection.Fault;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A part of an import, which one background task imports. Immutable.
 *
 * @param number the position in the import, from 1
 * @param lines at most {@value #MAX_LINES} lines; empty once the chunk is done
 * @param result the result; {@link Result#NONE} until the chunk is done
 */
public record Chunk(int number, Optional<Lines> lines, Result result) {
  /** The number of lines in each chunk but the last. */
  public static final int MAX_LINES = 25;

  /**
   * Returns the lines.
   *
   * @throws IllegalStateException if another program removed the lines, which must not count as
   *     imported
   */
  Lines requiredLines() {
    return lines.orElseThrow(() -> new IllegalStateException("a chunk to import has no lines"));
  }

  /**
   * The result of importing a chunk.
   *
   * @param startedAt the start of the attempt that took effect
   * @param created the number of created items
   * @param rejected the number of rejected lines
   * @param rejectedLines the rejected lines in order; empty if they were not read
   */
  public record Result(
      Optional<Instant> startedAt, int created, int rejected, List<RejectedLine> rejectedLines) {
    /** The result of a chunk that is not done. */
    public static final Result NONE = new Result(Optional.empty(), 0, 0, List.of());

    public Result {
      rejectedLines = List.copyOf(rejectedLines);
    }
  }

  /**
   * A line that was not imported.
   *
   * @param number the line's number, from 1
   * @param faults the rules that the line breaks, at most {@value #MAX_FAULTS}
   */
  public record RejectedLine(int number, List<Fault> faults) {
    static final int MAX_FAULTS = 20;

    public RejectedLine {
      faults = faults.stream().limit(MAX_FAULTS).toList();
    }
  }
}
