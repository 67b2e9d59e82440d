package dev.asyncitems.rejection;

import java.util.function.Function;

/**
 * What a use case ends with when nothing broke: a value, or the reason why it was rejected.
 *
 * @param <T> the value
 */
public sealed interface Result<T> {
  /** It was done. */
  record Done<T>(T value) implements Result<T> {}

  /** It was rejected and nothing was changed. */
  record Rejected<T>(Rejection rejection) implements Result<T> {}

  /** The same result with its value, if any, put through a function. */
  default <R> Result<R> map(Function<? super T, ? extends R> function) {
    return switch (this) {
      case Done<T>(T value) -> new Done<>(function.apply(value));
      case Rejected<T>(Rejection rejection) -> new Rejected<>(rejection);
    };
  }
}
