package dev.asyncitems.kernel;

import java.util.function.Function;

/**
 * What a use case ends with when nothing broke: a value, or the reason why it was refused.
 *
 * @param <T> the value
 */
public sealed interface Result<T> {
  /** It was done. */
  record Done<T>(T value) implements Result<T> {}

  /** It was refused and nothing was changed. */
  record Refused<T>(Refusal refusal) implements Result<T> {}

  /** The same result with its value, if any, put through a function. */
  default <R> Result<R> map(Function<? super T, ? extends R> function) {
    return switch (this) {
      case Done<T>(T value) -> new Done<>(function.apply(value));
      case Refused<T>(Refusal refusal) -> new Refused<>(refusal);
    };
  }
}
