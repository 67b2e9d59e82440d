package dev.asyncitems.item;

import static dev.asyncitems.item.TestItems.LAMP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Retries;
import dev.asyncitems.call.Unavailable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
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

  private record Answer(Item item, Duration at) {}

  private final List<Answer> written = new ArrayList<>();
  private final List<Duration> rejected = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void mostOfManyEnvironmentsSucceed(long seed) {
    EngineModel engine = EngineModel.dynamoDb(FIRST, seed);

    play(engine, WRITERS, () -> environment(engine));

    assertEachVersionWasGivenOnce(engine);
    assertThat(written.size()).isGreaterThanOrEqualTo(ENOUGH);
    assertThat(engine.writes).as("attempts of all writers").isLessThan(20 * WRITERS);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whoeverCannotBeServedIsToldSoon(long seed) {
    EngineModel engine = EngineModel.dynamoDb(FIRST, seed);

    play(engine, 4 * WRITERS, () -> environment(engine));

    assertEachVersionWasGivenOnce(engine);
    assertThat(rejected).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void mostOfOneEnvironmentSucceed(long seed) {
    EngineModel engine = EngineModel.local(FIRST, seed);
    Items items = environment(engine);

    play(engine, WRITERS, () -> items);

    assertEachVersionWasGivenOnce(engine);
    assertThat(written.size()).isGreaterThanOrEqualTo(ENOUGH);
    assertThat(engine.writes).as("no conflicts").isEqualTo(written.size());
    assertThat(engine.reads).isEqualTo(1);
  }

  private void play(EngineModel engine, int writers, Supplier<Items> environments) {
    for (int writer = 0; writer < writers; writer++) {
      Duration arrival = Duration.ofNanos(engine.random().nextLong(ARRIVE_WITHIN.toNanos()));
      engine.after(arrival, () -> write(engine, environments));
    }
    engine.run();
    assertThat(written.size() + rejected.size()).as("answers").isEqualTo(writers);
  }

  private void write(EngineModel engine, Supplier<Items> environments) {
    Duration start = engine.now();
    Deadline deadline = Deadline.after(TIMEOUT, () -> engine.now().toNanos());
    var _ =
        environments
            .get()
            .patch(FIRST.id(), UnaryOperator.identity(), new VersionMatch.Any(), deadline)
            .whenComplete((item, failure) -> {
              Duration took = engine.now().minus(start);
              if (failure == null) {
                written.add(new Answer(item, took));
              } else {
                assertThat(Futures.cause(failure)).isInstanceOf(Unavailable.class);
                rejected.add(took);
              }
            });
  }

  private void assertEachVersionWasGivenOnce(EngineModel engine) {
    assertThat(written).allSatisfy(one -> assertThat(one.at()).isLessThan(TOLD_WITHIN));
    assertThat(rejected).allSatisfy(at -> assertThat(at).isLessThan(TOLD_WITHIN));
    assertThat(written)
        .extracting(answer -> answer.item().version())
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(2, 1 + written.size()).boxed().toList());
    assertThat(engine.item.version()).isEqualTo(1 + written.size());
  }

  private static Items environment(EngineModel engine) {
    Retries retries =
        new Retries(
            engine::random,
            time -> {
              CompletableFuture<Void> paused = new CompletableFuture<>();
              engine.after(time, () -> paused.complete(null));
              return paused;
            });
    return new Items(engine, retries, Clock.fixed(NOW, ZoneOffset.UTC));
  }
}
