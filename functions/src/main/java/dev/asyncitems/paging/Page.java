package dev.asyncitems.paging;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A page of a list. Immutable.
 *
 * @param next the position after which the next page begins; empty on the last page
 */
public record Page<T>(List<T> rows, Optional<Position> next) {
  public Page {
    rows = List.copyOf(rows);
  }

  public <R> Page<R> map(Function<? super T, ? extends R> function) {
    return new Page<>(rows.stream().<R>map(function).toList(), next);
  }

  /** Returns this page with only the wanted rows. The next page begins where it did before. */
  public Page<T> filter(Predicate<? super T> wanted) {
    return new Page<>(rows.stream().filter(wanted).toList(), next);
  }
}
