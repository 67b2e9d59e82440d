package dev.asyncitems.dynamodb;

import dev.asyncitems.imports.Chunk;
import dev.asyncitems.imports.Chunk.RejectedLine;
import dev.asyncitems.imports.Lines;
import dev.asyncitems.rejection.Fault;
import dev.asyncitems.value.Times;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;

/** The row of a chunk of an import. Mutable for the mapper; not thread-safe. */
public final class ChunkRow extends TaskRow<Chunk> {
  static final String LINES = "lines";
  static final String FAULTS = "faults";

  public static final Type<Chunk, ChunkRow> TYPE =
      Type.of(
          ChunkRow.class,
          ChunkRow::new,
          schema ->
              schema
                  .number("number", Integer.class, row -> row.number, (row, v) -> row.number = v)
                  .number("first", Integer.class, row -> row.first, (row, v) -> row.first = v)
                  .bytes(LINES, row -> row.lines, (row, v) -> row.lines = v)
                  .text("startedAt", row -> row.startedAt, (row, v) -> row.startedAt = v)
                  .number("created", Integer.class, row -> row.created, (row, v) -> row.created = v)
                  .number(
                      "rejected", Integer.class, row -> row.rejected, (row, v) -> row.rejected = v)
                  .rows(
                      FAULTS,
                      FaultRow.class,
                      FaultRow.SCHEMA,
                      row -> row.faults,
                      (row, v) -> row.faults = v)
                  .number(
                      IdempotencyRecords.EXPIRES_AT,
                      Long.class,
                      row -> row.expiresAt,
                      (row, v) -> row.expiresAt = v));

  /** The attributes of a chunk, in contrast to those of every task. */
  static final Set<String> DATA = data(TYPE.schema());

  private static Set<String> data(TableSchema<ChunkRow> schema) {
    Set<String> data = new HashSet<>(schema.attributeNames());
    data.removeAll(EntryRow.SCHEMA.attributeNames());
    data.removeAll(Set.of("shard", IdempotencyRecords.EXPIRES_AT));
    return data;
  }

  private @Nullable Integer number;
  private @Nullable Integer first;
  private @Nullable ByteBuffer lines;
  private @Nullable String startedAt;
  private @Nullable Integer created;
  private @Nullable Integer rejected;
  private @Nullable List<FaultRow> faults;
  @Nullable Long expiresAt;

  /** Returns whether the row is a chunk. The rows of imports have no number. */
  boolean isChunk() {
    return number != null;
  }

  @Override
  Chunk data() {
    return new Chunk(
        Objects.requireNonNullElse(number, 1),
        Optional.ofNullable(lines)
            .map(text -> new Lines(Objects.requireNonNullElse(first, 1), text)),
        new Chunk.Result(
            Optional.ofNullable(startedAt).flatMap(Times::parse),
            Objects.requireNonNullElse(created, 0),
            Objects.requireNonNullElse(rejected, 0),
            rejectedLines()));
  }

  private List<RejectedLine> rejectedLines() {
    Map<Integer, List<Fault>> byLine =
        Objects.requireNonNullElse(faults, List.<FaultRow>of()).stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.line,
                    LinkedHashMap::new,
                    Collectors.mapping(
                        row -> new Fault(row.pointer, row.detail), Collectors.toList())));
    return byLine.entrySet().stream()
        .map(line -> new RejectedLine(line.getKey(), line.getValue()))
        .toList();
  }

  @Override
  void set(Chunk chunk) {
    number = chunk.number();
    first = chunk.lines().map(Lines::first).orElse(null);
    lines = chunk.lines().map(Lines::text).orElse(null);
    startedAt = chunk.result().startedAt().map(Times::text).orElse(null);
    created = chunk.result().created();
    rejected = chunk.result().rejected();
    List<FaultRow> rows =
        chunk.result().rejectedLines().stream()
            .flatMap(line -> line.faults().stream().map(fault -> FaultRow.of(line.number(), fault)))
            .toList();
    faults = rows.isEmpty() ? null : rows;
  }

  /** A rule that a line breaks. Mutable for the mapper; not thread-safe. */
  static final class FaultRow {
    static final TableSchema<FaultRow> SCHEMA =
        new LenientSchema<>(FaultRow.class, FaultRow::new)
            .number("line", Integer.class, row -> row.line, (row, v) -> row.line = v)
            .text("pointer", row -> row.pointer, (row, v) -> row.pointer = v)
            .text("detail", row -> row.detail, (row, v) -> row.detail = v)
            .build();

    private int line;
    private String pointer = "";
    private String detail = "";

    static FaultRow of(int line, Fault fault) {
      FaultRow row = new FaultRow();
      row.line = line;
      row.pointer = fault.pointer();
      row.detail = fault.detail();
      return row;
    }
  }
}
