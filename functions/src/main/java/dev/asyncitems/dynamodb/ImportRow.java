package dev.asyncitems.dynamodb;

import dev.asyncitems.imports.Import;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;

/** An import's row. Mutable for the mapper; not thread-safe. */
final class ImportRow {
  static final TableSchema<ImportRow> SCHEMA =
      new LenientSchema<>(ImportRow.class, ImportRow::new)
          .id(row -> row.id, (row, v) -> row.id = v)
          .shard(row -> row.shard, (row, v) -> row.shard = v)
          .number("total", Integer.class, row -> row.total, (row, v) -> row.total = v)
          .number(
              IdempotencyRecords.EXPIRES_AT,
              Long.class,
              row -> row.expiresAt,
              (row, v) -> row.expiresAt = v)
          .build();

  String id = "";
  private @Nullable Integer shard;
  private @Nullable Integer total;
  private @Nullable Long expiresAt;

  /** Returns the row of a new import, with its permanent shard. */
  static ImportRow of(Import accepted, Shards shards, Optional<Long> expiresAt) {
    ImportRow row = new ImportRow();
    row.id = accepted.id().toString();
    row.shard = shards.of(accepted.id());
    row.total = accepted.total();
    row.expiresAt = expiresAt.orElse(null);
    return row;
  }

  boolean isExpired(Instant now) {
    return expiresAt != null && expiresAt <= now.getEpochSecond();
  }

  /** Returns whether the row is an import. The rows of chunks have no total. */
  boolean isImport() {
    return total != null;
  }

  /** Returns the import without its chunks. Requires a UUID as the row's id. */
  Import toImport() {
    return new Import(UUID.fromString(id), total == null ? 0 : total, List.of());
  }
}
