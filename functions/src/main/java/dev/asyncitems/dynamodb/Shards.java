package dev.asyncitems.dynamodb;

import java.util.Optional;
import java.util.UUID;

/**
 * The partitions of an index over which rows are spread by a hash of their id, so that none takes
 * all the writes. More may be read than are written, so that each has a type of its own.
 *
 * @param read empty where a function reads no index
 * @param write empty where a function adds no rows
 */
public record Shards(Optional<Read> read, Optional<Write> write) {
  /** How many shards are read, from 1. */
  public record Read(int count) {}

  /** How many shards new rows get, from 1; at most as many as every function reads. */
  public record Write(int count) {}

  /** Returns how many shards to read. */
  int toRead() {
    return read.map(Read::count).orElseThrow(() -> missing("READ_SHARDS"));
  }

  /** Returns the shard of a new row, from 0. */
  int of(UUID id) {
    int count = write.map(Write::count).orElseThrow(() -> missing("WRITE_SHARDS"));
    // The low half of a UUIDv7 is random but for its first two bits.
    return (int) Math.floorMod(id.getLeastSignificantBits(), (long) count);
  }

  private static IllegalStateException missing(String setting) {
    return new IllegalStateException("the function does not ask for " + setting);
  }
}
