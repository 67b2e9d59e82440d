package dev.asyncitems.faults;

import dev.asyncitems.faults.FaultPlan.Planned;
import dev.asyncitems.faults.Scenario.Match;
import dev.asyncitems.faults.Scenario.Phase;
import dev.asyncitems.faults.Scenario.Step;
import dev.asyncitems.faults.Scenario.Weather;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Many clients, the relay and the consumers under faults. Each history must fit the model. */
@TestInstance(Lifecycle.PER_CLASS)
final class HistoryIT {
  private static final int SCENARIOS = Integer.getInteger("faults.scenarios", 8);
  private static final Step KEYED_ITEM = new Step.Create(1, 0);
  private static final Step KEYED_NOTIFICATION = new Step.Notify(1, 0, false);
  private static final Step NOTIFICATION = new Step.Notify(0, 0, false);

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
  void anyHistoryFitsTheModel() {
    world().playAny(Scenario.any(), SCENARIOS);
  }

  @Test
  void aKeyHasOneEffectADayWhateverTheTableStillHolds() {
    List<List<Step>> uses =
        List.of(List.of(KEYED_ITEM, KEYED_NOTIFICATION), List.of(KEYED_NOTIFICATION, KEYED_ITEM));
    world()
        .play(
            new Scenario(
                1,
                List.of(
                    new Phase(Duration.ZERO, Weather.FAIR, uses),
                    new Phase(Duration.ofHours(23), Weather.FAIR, uses),
                    new Phase(Duration.ofHours(2), Weather.FAIR, uses)),
                List.of(new Planned("TransactWriteItems", 1, Trouble.RESET_AFTER))));
  }

  @Test
  void notificationsAreLoggedThoughTheQueueIsAwayAndThenTakesHalfOfABatch() {
    List<Step> four = List.of(NOTIFICATION, NOTIFICATION, NOTIFICATION, NOTIFICATION);
    List<List<Step>> ticks = List.of(List.of(new Step.Tick()), List.of(new Step.Tick()));
    world()
        .play(
            new Scenario(
                2,
                List.of(
                    new Phase(Duration.ZERO, Weather.QUEUE_AWAY, List.of(four, four)),
                    new Phase(Duration.ofMinutes(2), Weather.FAIR, ticks)),
                List.of(
                    new Planned("SendMessageBatch", 1, Trouble.ENTRIES_REFUSED),
                    new Planned("SendMessageBatch", 2, Trouble.ENTRIES_REFUSED),
                    new Planned("UpdateItem", 2, Trouble.RESET_AFTER))));
  }

  @Test
  void anHourInWhichLambdaThrottlesEveryDeliveryLosesNothing() {
    List<List<Step>> before = List.of(List.of(NOTIFICATION, KEYED_NOTIFICATION, KEYED_ITEM));
    List<Step> five = Collections.nCopies(5, NOTIFICATION);
    world()
        .play(
            new Scenario(
                7,
                List.of(
                    new Phase(Duration.ZERO, Weather.FAIR, before),
                    new Phase(
                        Duration.ZERO,
                        Weather.THROTTLED,
                        List.of(five, five, List.of(KEYED_ITEM, new Step.Read(0))))),
                List.of()));
  }

  @Test
  void whatIsDeletedStaysDeletedAndNothingElseIsLost() {
    List<Step> steps =
        List.of(
            NOTIFICATION,
            KEYED_NOTIFICATION,
            new Step.Forget(0),
            NOTIFICATION,
            new Step.Forget(1),
            KEYED_NOTIFICATION);
    List<List<Step>> clients = List.of(steps, steps, steps);
    world()
        .play(
            new Scenario(
                8,
                List.of(
                    new Phase(Duration.ZERO, Weather.FAIR, clients),
                    new Phase(Duration.ofMinutes(2), Weather.QUEUE_AWAY, clients),
                    new Phase(
                        Duration.ofMinutes(2),
                        Weather.FAIR,
                        List.of(List.of(new Step.Tick(), new Step.Forget(2)), steps))),
                List.of(
                    new Planned("PutItem", 1, Trouble.RESET_AFTER),
                    new Planned("PutItem", 3, Trouble.CONFLICT),
                    new Planned("UpdateItem", 2, Trouble.RESET_AFTER),
                    new Planned("UpdateItem", 5, Trouble.RESET_AFTER))));
  }

  @Test
  void consumersReturnWhatTheStoreRefuses() {
    List<Step> three = List.of(NOTIFICATION, NOTIFICATION, NOTIFICATION);
    List<Planned> conflicts =
        IntStream.rangeClosed(1, 4)
            .mapToObj(number -> new Planned("UpdateItem", number, Trouble.CONFLICT))
            .toList();
    world()
        .play(
            new Scenario(
                3,
                List.of(new Phase(Duration.ZERO, Weather.FAIR, List.of(three, three))),
                conflicts));
  }

  @Test
  void rivalsGiveEachVersionOnceThoughTheirAnswersAreLost() {
    List<Step> writes =
        List.of(
            new Step.Patch(0, Match.NONE),
            new Step.Replace(0, Match.SEEN),
            new Step.Patch(0, Match.ANY),
            new Step.Read(0));
    world()
        .play(
            new Scenario(
                4,
                List.of(
                    new Phase(
                        Duration.ZERO, Weather.FAIR, List.of(writes, writes, writes, writes))),
                List.of(
                    new Planned("TransactWriteItems", 2, Trouble.RESET_AFTER),
                    new Planned("TransactWriteItems", 5, Trouble.CONFLICT),
                    new Planned("TransactWriteItems", 7, Trouble.RESET_AFTER))));
  }
}
