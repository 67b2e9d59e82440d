package dev.asyncitems.faults;

import dev.asyncitems.faults.FaultPlan.Planned;
import dev.asyncitems.faults.Scenario.Phase;
import dev.asyncitems.faults.Scenario.Step;
import dev.asyncitems.faults.Scenario.Weather;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Many imports, the relay and the consumers under faults. Each history must fit the model. */
@TestInstance(Lifecycle.PER_CLASS)
final class ImportHistoryIT {
  private static final int SCENARIOS = Integer.getInteger("faults.scenarios", 5);
  private static final int CALLS = 500;

  private @Nullable World started;

  @BeforeAll
  void start() throws IOException {
    Embedded.assume();
    started = new World();
  }

  @AfterAll
  void close() {
    if (started != null) {
      started.close();
    }
  }

  private World world() {
    return Objects.requireNonNull(started);
  }

  /** A failing scenario is shrunk. The error names the seed that produced it. */
  @Test
  void anyHistoryOfImportsFitsTheModel() {
    world().playAny(Scenario.ofImports(), SCENARIOS);
  }

  @Test
  void importsAreDoneThoughTheQueueIsAwayForTenMinutesAndATenthOfTheCallsIsThrottled() {
    List<Step> client =
        List.of(
            new Step.Import(0, 200), new Step.Look(0), new Step.Import(1, 80), new Step.Look(1));
    List<List<Step>> ticks =
        List.of(
            List.of(new Step.Tick(), new Step.Look(0)), List.of(new Step.Tick(), new Step.Look(1)));
    List<Planned> throttling =
        Stream.of("TransactWriteItems", "GetItem", "BatchGetItem", "UpdateItem", "SendMessageBatch")
            .flatMap(action ->
                IntStream.rangeClosed(1, CALLS / 10)
                    .mapToObj(i ->
                        new Planned(
                            action,
                            10 * i,
                            i % 2 == 0
                                ? Trouble.CANCELLED_BY_THROTTLING
                                : Trouble.THROUGHPUT_EXCEEDED)))
            .toList();
    world()
        .play(
            new Scenario(
                5,
                List.of(
                    new Phase(Duration.ZERO, Weather.QUEUE_AWAY, List.of(client, client, client)),
                    new Phase(Duration.ofMinutes(10), Weather.FAIR, ticks)),
                throttling));
  }

  @Test
  void anHourInWhichLambdaThrottlesEveryDeliveryLosesNothing() {
    List<Step> client = List.of(new Step.Import(0, 200), new Step.Look(0), new Step.Import(1, 80));
    world()
        .play(
            new Scenario(
                8,
                List.of(
                    new Phase(
                        Duration.ZERO, Weather.FAIR, List.of(List.of(new Step.Import(0, 60)))),
                    new Phase(Duration.ZERO, Weather.THROTTLED, List.of(client, client))),
                List.of()));
  }

  @Test
  void twentyRequestsWithOneKeyStartOneImportThoughAnswersAreLost() {
    List<Planned> lost =
        IntStream.range(0, 10)
            .mapToObj(i -> new Planned("TransactWriteItems", 1 + 3 * i, Trouble.RESET_AFTER))
            .toList();
    world()
        .play(
            new Scenario(
                6,
                List.of(
                    new Phase(
                        Duration.ZERO,
                        Weather.FAIR,
                        Collections.nCopies(20, List.of(new Step.Import(1, 30))))),
                lost));
  }
}
