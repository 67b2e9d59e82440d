package dev.asyncitems.item;

import static dev.asyncitems.item.TestItems.LAMP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Backoff;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many clients write one item in parallel, in virtual time. HotItemRun does the same on a real
 * engine.
 */
final class HotItemTest {
  private static final int WRITERS = 300;
  private static final int ENOUGH = 250;
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofMillis(9_700);
  private static final Duration ARRIVE_WITHIN = Duration.ofMillis(50);

  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final Item FIRST = Item.create(LAMP, NOW);

  private record Answer(Result<Item> result, Duration at) {}

  private final List<Answer> written = new ArrayList<>();
  private final List<Duration> refused = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void mostOfManyEnvironmentsSucceed(long seed) {
    EngineModel engine = EngineModel.dynamoDb(FIRST, seed);

    play(engine, WRITERS, deadline -> environment(engine, deadline));

    assertEachVersionWasGivenOnce(engine);
    assertThat(written.size()).isGreaterThanOrEqualTo(ENOUGH);
    assertThat(engine.writes).as("attempts of all writers").isLessThan(20 * WRITERS);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whoeverCannotBeServedIsToldSoon(long seed) {
    EngineModel engine = EngineModel.dynamoDb(FIRST, seed);

    play(engine, 4 * WRITERS, deadline -> environment(engine, deadline));

    assertEachVersionWasGivenOnce(engine);
    assertThat(refused).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void mostOfOneEnvironmentSucceed(long seed) {
    EngineModel engine = EngineModel.local(FIRST, seed);
    Items items = environment(engine, Deadline.after(TIMEOUT));

    play(engine, WRITERS, deadline -> items);

    assertEachVersionWasGivenOnce(engine);
    assertThat(written.size()).isGreaterThanOrEqualTo(ENOUGH);
    assertThat(engine.writes).as("no conflicts").isEqualTo(written.size());
    assertThat(engine.reads).isEqualTo(1);
  }

  private void play(EngineModel engine, int writers, Function<Deadline, Items> environments) {
    for (int writer = 0; writer < writers; writer++) {
      Duration arrival = Duration.ofNanos(engine.random().nextLong(ARRIVE_WITHIN.toNanos()));
      engine.after(arrival, () -> write(engine, environments));
    }
    engine.run();
    assertThat(written.size() + refused.size()).as("answers").isEqualTo(writers);
  }

  private void write(EngineModel engine, Function<Deadline, Items> environments) {
    Duration start = engine.now();
    Deadline deadline = Deadline.after(TIMEOUT);
    var _ =
        environments
            .apply(deadline)
            .patch(FIRST.id(), UnaryOperator.identity(), new VersionMatch.Any(), deadline)
            .whenComplete((result, failure) -> {
              Duration took = engine.now().minus(start);
              if (failure == null) {
                written.add(new Answer(result, took));
              } else {
                assertThat(Futures.cause(failure)).isInstanceOf(Unavailable.class);
                refused.add(took);
              }
            });
  }

  private void assertEachVersionWasGivenOnce(EngineModel engine) {
    assertThat(written).allSatisfy(one -> assertThat(one.at()).isLessThan(TOLD_WITHIN));
    assertThat(refused).allSatisfy(at -> assertThat(at).isLessThan(TOLD_WITHIN));
    assertThat(written)
        .extracting(answer -> ((Done<Item>) answer.result()).value().version())
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(2, 1 + written.size()).boxed().toList());
    assertThat(engine.item.version()).isEqualTo(1 + written.size());
  }

  private static Items environment(EngineModel engine, Deadline deadline) {
    Duration start = engine.now();
    return new Items(
        engine,
        Clock.fixed(NOW, ZoneOffset.UTC),
        (attempt, within) ->
            // Deadlines use the JVM's clock. Only the time between two deadlines is valid in
            // virtual time.
            pause(
                engine,
                attempt,
                start.plus(TIMEOUT).minus(deadline.remaining().minus(within.remaining()))));
  }

  /** Pauses like {@link Backoff#pause}, but in virtual time. */
  private static CompletableFuture<Integer> pause(
      EngineModel engine, int attempt, Duration deadline) {
    Duration pause =
        Duration.ofMillis(1 + engine.random().nextLong(Backoff.longest(attempt).toMillis()));
    CompletableFuture<Integer> made = new CompletableFuture<>();
    if (engine.now().plus(pause).plus(Backoff.ATTEMPT).compareTo(deadline) > 0) {
      made.completeExceptionally(new Unavailable("no time"));
    } else {
      engine.answerAfter(pause, made, attempt);
    }
    return made;
  }
}
