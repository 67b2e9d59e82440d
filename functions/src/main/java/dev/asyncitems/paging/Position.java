package dev.asyncitems.paging;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A position in a list, given by the key of the row before it.
 *
 * @param time the row's time in a list sorted by time and id; empty in a list sorted by id
 */
public record Position(Optional<Instant> time, UUID id) {
  public static Position of(UUID id) {
    return new Position(Optional.empty(), id);
  }

  public static Position of(Instant time, UUID id) {
    return new Position(Optional.of(time), id);
  }
}
