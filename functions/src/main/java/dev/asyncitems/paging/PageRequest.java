package dev.asyncitems.paging;

import java.util.Optional;

/**
 * What part of a list is wanted.
 *
 * @param limit how many rows at most, {@value #MIN_LIMIT} to {@value #MAX_LIMIT}
 * @param after the place that the page begins behind; empty for the first page
 */
public record PageRequest(int limit, Optional<Position> after) {
  public static final int MIN_LIMIT = 1;
  public static final int MAX_LIMIT = 100;
  public static final int DEFAULT_LIMIT = 20;

  public PageRequest {
    if (limit < MIN_LIMIT || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit " + limit);
    }
  }

  /** The first rows of a list. */
  public static PageRequest first(int limit) {
    return new PageRequest(limit, Optional.empty());
  }
}
