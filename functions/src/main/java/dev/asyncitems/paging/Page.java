package dev.asyncitems.paging;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A part of a list.
 *
 * @param rows in the list's order
 * @param next the place behind which the next page begins; empty on the last page
 */
public record Page<T>(List<T> rows, Optional<Position> next) {
  public Page {
    rows = List.copyOf(rows);
  }

  /** The same page of other rows. */
  public <R> Page<R> map(Function<? super T, ? extends R> function) {
    return new Page<>(rows.stream().<R>map(function).toList(), next);
  }

  /** The same page without some of its rows; where the next one begins stays as it is. */
  public Page<T> filter(Predicate<? super T> wanted) {
    return new Page<>(rows.stream().filter(wanted).toList(), next);
  }
}
