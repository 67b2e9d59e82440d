package dev.asyncitems.paging;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A place in a list: the last row that was given.
 *
 * @param time what the list is sorted by before the id; empty where ids alone sort it
 * @param id the row's id
 */
public record Position(Optional<Instant> time, UUID id) {
  /** A place in a list that is sorted by id alone. */
  public static Position of(UUID id) {
    return new Position(Optional.empty(), id);
  }

  /** A place in a list that is sorted by a time, then by id. */
  public static Position of(Instant time, UUID id) {
    return new Position(Optional.of(time), id);
  }
}
