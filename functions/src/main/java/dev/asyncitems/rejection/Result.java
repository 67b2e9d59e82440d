package dev.asyncitems.rejection;

import java.util.function.Function;

/**
 * The result of a use case: a value, or the rejection of the request.
 *
 * @param <T> the value's type
 */
public sealed interface Result<T> {
  /** The request was carried out. */
  record Done<T>(T value) implements Result<T> {}

  /** The request was rejected and changed nothing. */
  record Rejected<T>(Rejection rejection) implements Result<T> {}

  /** Returns this result with its value converted. */
  default <R> Result<R> map(Function<? super T, ? extends R> function) {
    return switch (this) {
      case Done<T>(T value) -> new Done<>(function.apply(value));
      case Rejected<T>(Rejection rejection) -> new Rejected<>(rejection);
    };
  }
}
