package dev.asyncitems.call;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A pause that blocks no thread. Implementations are thread-safe. */
@FunctionalInterface
public interface Pause {
  Pause REAL =
      time ->
          CompletableFuture.runAsync(
              () -> {}, CompletableFuture.delayedExecutor(time.toNanos(), TimeUnit.NANOSECONDS));

  /** Returns a future that completes after the given time. */
  CompletableFuture<Void> of(Duration time);
}
