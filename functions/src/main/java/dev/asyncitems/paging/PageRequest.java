package dev.asyncitems.paging;

import java.util.Optional;

/**
 * A request for a page of a list.
 *
 * @param limit the maximum number of rows, {@value #MIN_LIMIT} to {@value #MAX_LIMIT}
 * @param after the position after which the page begins; empty for the first page
 */
public record PageRequest(int limit, Optional<Position> after) {
  public static final int MIN_LIMIT = 1;
  public static final int MAX_LIMIT = 100;
  public static final int DEFAULT_LIMIT = 20;

  public PageRequest {
    if (limit < MIN_LIMIT || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "limit must be from " + MIN_LIMIT + " to " + MAX_LIMIT + ", but is " + limit);
    }
  }

  public static PageRequest first(int limit) {
    return new PageRequest(limit, Optional.empty());
  }

  /** Returns this request with a limit of at most {@code most}. */
  public PageRequest atMost(int most) {
    return new PageRequest(Math.min(limit, most), after);
  }
}
