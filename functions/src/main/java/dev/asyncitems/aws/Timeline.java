package dev.asyncitems.aws;

/**
 * The index by which a table's rows are listed newest first: partitioned by shard, sorted by id,
 * which begins with the time of creation.
 */
final class Timeline {
  static final String INDEX = "timeline";
  static final String SHARD = "shard";

  private Timeline() {}
}
