package dev.asyncitems.dynamodb;

import java.util.UUID;

/**
 * The partitions of an index over which rows are spread by a hash of their id, so that none takes
 * all the writes.
 */
final class Shards {
  private Shards() {}

  /** The shard of a row, from 0. */
  static int of(UUID id, int shards) {
    // The low half of a UUIDv7 is random but for its first two bits.
    return (int) Math.floorMod(id.getLeastSignificantBits(), (long) shards);
  }
}
