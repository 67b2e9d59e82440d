package dev.asyncitems.dynamodb;

import java.util.Optional;
import java.util.UUID;

/**
 * The numbers of shards that a function reads and writes. An index needs shards if one partition
 * cannot take all writes. A row's id determines its shard. A function may read more shards than it
 * writes.
 *
 * @param read empty if the function reads no index
 * @param write empty if the function adds no rows
 */
public record Shards(Optional<Read> read, Optional<Write> write) {
  /** The number of shards to read, at least 1. */
  public record Read(int count) {}

  /** The number of shards for new rows, from 1 to the number that every function reads. */
  public record Write(int count) {}

  int toRead() {
    return read.map(Read::count).orElseThrow(() -> missing("READ_SHARDS"));
  }

  /** Returns the shard of a new row, from 0. */
  int of(UUID id) {
    int count = write.map(Write::count).orElseThrow(() -> missing("WRITE_SHARDS"));
    // Rows spread evenly, since all but two bits in the low half of a UUIDv7 are random.
    return (int) Math.floorMod(id.getLeastSignificantBits(), (long) count);
  }

  private static IllegalStateException missing(String setting) {
    return new IllegalStateException(setting + " is not among the needed variables");
  }
}
