package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Many clients, the relay and the consumers under faults: each history must fit the model. A
 * failing scenario is made smaller as long as it fails; the seed that it came from is told.
 */
final class HistoryIT {
  private static final int SCENARIOS = Integer.getInteger("faults.scenarios", 15);
  private static final int SHRINKS = Integer.getInteger("faults.shrinks", 20);

  @Test
  void everyHistoryFitsTheModel() throws Exception {
    Embedded.assume();
    long seed = Long.getLong("faults.seed", new Random().nextLong());
    AtomicInteger played = new AtomicInteger();
    try (World world = new World()) {
      qt().withFixedSeed(seed)
          .withExamples(SCENARIOS + 1)
          .withUnlimitedTestingTime()
          .withShrinkCycles(SHRINKS)
          .forAll(Scenario.any())
          .checkAssert(scenario -> {
            played.incrementAndGet();
            world.play(scenario);
          });
    } catch (AssertionError e) {
      throw new AssertionError("-Dfaults.seed=" + seed + " repeats it: " + e.getMessage(), e);
    }
    assertThat(played).hasValueGreaterThanOrEqualTo(SCENARIOS);
  }
}
