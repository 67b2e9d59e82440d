package dev.asyncitems.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

final class FuturesTest {
  private final CompletableFuture<String> first = new CompletableFuture<>();
  private final CompletableFuture<String> second = new CompletableFuture<>();
  private final CompletableFuture<String> third = new CompletableFuture<>();
  private final CompletableFuture<List<String>> all = Futures.all(List.of(first, second, third));

  @Test
  void resultsStandInTheOrderOfTheirFuturesHoweverTheseEnd() {
    third.complete("c");
    first.complete("a");
    assertThat(all).isNotDone();
    second.complete("b");
    assertThat(all).isCompletedWithValue(List.of("a", "b", "c"));
  }

  @Test
  void theFirstFailureInThatOrderIsToldOnceAllHaveEnded() {
    RuntimeException late = new IllegalStateException("third");
    RuntimeException told = new IllegalStateException("second");
    third.completeExceptionally(late);
    first.complete("a");
    assertThat(all).isNotDone();
    second.completeExceptionally(told);
    assertThat(all.handle((done, failure) -> Futures.cause(failure))).isCompletedWithValue(told);
  }

  @Test
  void noFuturesHaveNoResults() {
    assertThat(Futures.all(List.of())).isCompletedWithValue(List.of());
  }

  @Test
  void theCauseIsFoundBelowTheWrappersOfFutures() {
    Throwable cause = new IllegalStateException("why", new RuntimeException("deeper"));
    assertThat(Futures.cause(new CompletionException(new ExecutionException(cause))))
        .isSameAs(cause);
    assertThat(Futures.cause(cause)).isSameAs(cause);
  }

  @Test
  void aWrapperOfNothingIsItsOwnCause() {
    Throwable wrapper = new CompletionException("nothing in it", null);
    assertThat(Futures.cause(wrapper)).isSameAs(wrapper);
  }
}
