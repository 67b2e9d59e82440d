package dev.asyncitems.faults;

import dev.asyncitems.faults.FaultPlan.Planned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.quicktheories.core.Gen;
import org.quicktheories.core.RandomnessSource;
import org.quicktheories.impl.Constraint;

/**
 * The steps of parallel clients, in phases, and the faults that calls meet. The clock jumps between
 * two phases.
 *
 * @param seed the seed for the order, the repetition and the crashes of deliveries
 */
record Scenario(long seed, List<Phase> phases, List<Planned> faults) {
  static final int ITEMS = 3;
  private static final int KEYS = 2;
  private static final int MAX_PHASES = 3;
  private static final int MAX_CLIENTS = 6;
  private static final int MAX_STEPS = 6;
  private static final int MAX_FAULTS = 24;
  private static final int MAX_NUMBER = 30;
  private static final int MAX_LINES = 200;
  private static final int LINES_WITH_KEY = 30;

  private static final List<Duration> JUMPS =
      List.of(
          Duration.ZERO,
          Duration.ofMinutes(-5),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofHours(23),
          Duration.ofHours(25));

  private static final List<String> ACTIONS =
      List.of(
          "TransactWriteItems",
          "UpdateItem",
          "PutItem",
          "SendMessage",
          "GetItem",
          "BatchGetItem",
          "Query",
          "SendMessageBatch",
          "ChangeMessageVisibility");

  /**
   * The steps between two jumps of the clock.
   *
   * @param jump how far the clock moves first; negative for a move back
   * @param clients the steps of each client, in order
   */
  record Phase(Duration jump, Weather weather, List<List<Step>> clients) {}

  /** What happens during a phase. */
  enum Weather {
    FAIR,
    /** SQS refuses all connections. */
    QUEUE_AWAY,
    /** Lambda throttles every delivery for an hour. Then all consumers work without faults. */
    THROTTLED
  }

  /** The version that a write names in {@code If-Match}. */
  enum Match {
    NONE,
    SEEN,
    ANY
  }

  /** One step of a client. */
  sealed interface Step {
    /** Creates an item; key 0 means no key. */
    record Create(int key, int variant) implements Step {}

    /** Sends a notification; key 0 means no key. */
    record Notify(int key, int variant, boolean byGet) implements Step {}

    /** Deletes a notification that was accepted. */
    record Forget(int number) implements Step {}

    /** Imports a file with this many lines; key 0 means no key. */
    record Import(int key, int lines) implements Step {}

    /** Reads the progress of an import that was accepted. */
    record Look(int number) implements Step {}

    record Replace(int item, Match match) implements Step {}

    record Patch(int item, Match match) implements Step {}

    record Delete(int item, Match match) implements Step {}

    record Read(int item) implements Step {}

    record Walk(String list) implements Step {}

    /** Runs the relay on its schedule. */
    record Tick() implements Step {}
  }

  /** Generates scenarios that take about two seconds at most. */
  static Gen<Scenario> any() {
    return of(Scenario::step);
  }

  /** Generates scenarios that consist of imports. They take about two seconds at most. */
  static Gen<Scenario> ofImports() {
    return of(Scenario::importStep);
  }

  private static Gen<Scenario> of(Function<RandomnessSource, Step> step) {
    Gen<Scenario> gen =
        random ->
            new Scenario(
                random.next(Constraint.between(0, Long.MAX_VALUE - 1).withNoShrinkPoint()),
                some(random, 1, MAX_PHASES, number -> phase(random, step)),
                some(random, 0, MAX_FAULTS, number -> fault(random)));
    return gen.describedAs(Scenario::toString);
  }

  private static Phase phase(RandomnessSource random, Function<RandomnessSource, Step> step) {
    return new Phase(
        one(random, JUMPS),
        draw(random, 4) == 3 ? Weather.QUEUE_AWAY : Weather.FAIR,
        some(
            random,
            1,
            MAX_CLIENTS,
            client -> some(random, 1, MAX_STEPS, number -> step.apply(random))));
  }

  private static Step step(RandomnessSource random) {
    return switch (draw(random, 19)) {
      case 0, 1 -> new Step.Read(draw(random, ITEMS));
      case 2, 3, 4 -> new Step.Patch(draw(random, ITEMS), match(random));
      case 5, 6 -> new Step.Replace(draw(random, ITEMS), match(random));
      case 7, 8 -> new Step.Create(draw(random, KEYS + 1), draw(random, 5) / 4);
      case 9, 10, 11, 12 ->
          new Step.Notify(draw(random, KEYS + 1), draw(random, 5) / 4, draw(random, 3) == 2);
      case 13 -> new Step.Walk(draw(random, 2) == 0 ? "items" : "notifications");
      case 14 -> new Step.Tick();
      case 15, 16 -> importStep(random);
      case 17 -> new Step.Forget(draw(random, MAX_STEPS));
      default -> new Step.Delete(draw(random, ITEMS), match(random));
    };
  }

  private static Step importStep(RandomnessSource random) {
    return switch (draw(random, 8)) {
      case 0, 1 -> new Step.Import(0, 1 + draw(random, MAX_LINES));
      case 2 -> new Step.Import(1 + draw(random, KEYS), LINES_WITH_KEY + draw(random, 5) / 4);
      case 3 -> new Step.Tick();
      default -> new Step.Look(draw(random, MAX_STEPS));
    };
  }

  private static Match match(RandomnessSource random) {
    return one(random, List.of(Match.values()));
  }

  private static Planned fault(RandomnessSource random) {
    return new Planned(
        one(random, ACTIONS), 1 + draw(random, MAX_NUMBER), one(random, List.of(Trouble.values())));
  }

  private static <T> List<T> some(
      RandomnessSource random, int least, int most, IntFunction<T> element) {
    List<T> list = new ArrayList<>();
    IntStream.range(0, least + draw(random, most - least + 1))
        .forEach(number -> list.add(element.apply(number)));
    return list;
  }

  private static <T> T one(RandomnessSource random, List<T> choices) {
    return choices.get(draw(random, choices.size()));
  }

  private static int draw(RandomnessSource random, int bound) {
    return (int) random.next(Constraint.between(0, bound - 1).withShrinkPoint(0));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("deliveries by seed " + seed + "\n");
    for (Phase phase : phases) {
      text.append("the clock jumps by %s, %s%n".formatted(phase.jump(), phase.weather()));
      for (List<Step> client : phase.clients()) {
        text.append("  a client: %s%n".formatted(client));
      }
    }
    return text
        + faults.stream()
            .filter(fault -> fault.trouble() != Trouble.NONE)
            .map(Planned::toString)
            .collect(Collectors.joining(", ", "faults: ", "\n"))
            .toLowerCase(Locale.ROOT);
  }
}
