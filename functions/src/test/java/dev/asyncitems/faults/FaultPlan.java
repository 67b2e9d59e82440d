package dev.asyncitems.faults;

import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Which call meets which trouble: a function of the call's action and of how many of that action
 * came before, whatever the order in which threads run. Thread-safe.
 */
final class FaultPlan implements Function<Call, Fault> {
  private final Map<String, AtomicLong> seen = new ConcurrentHashMap<>();
  private final Choice choice;

  private FaultPlan(Choice choice) {
    this.choice = choice;
  }

  @FunctionalInterface
  private interface Choice {
    Trouble of(String action, long number);
  }

  /** One fault of a script: the call of that action that comes as number so many, from 1. */
  record Planned(String action, int number, Trouble trouble) {
    @Override
    public String toString() {
      return action + " " + number + " " + trouble;
    }
  }

  /** By a script. */
  static FaultPlan of(List<Planned> script) {
    return new FaultPlan((action, number) ->
        script.stream()
            .filter(planned -> planned.action().equals(action) && planned.number() == number)
            .findFirst()
            .map(Planned::trouble)
            .orElse(Trouble.NONE));
  }

  /**
   * By chance, from a seed.
   *
   * @param chance of each trouble, in ten thousand; those that are not named don't happen
   */
  static FaultPlan of(long seed, Map<Trouble, Integer> chance) {
    return new FaultPlan((action, number) -> {
      long mixed = seed * 31 + action.hashCode() * 0x9E3779B97F4A7C15L + number;
      int drawn = new SplittableRandom(mixed).nextInt(10_000);
      for (Trouble trouble : Trouble.values()) {
        drawn -= chance.getOrDefault(trouble, 0);
        if (drawn < 0) {
          return trouble;
        }
      }
      return Trouble.NONE;
    });
  }

  @Override
  public Fault apply(Call call) {
    long number = seen.computeIfAbsent(call.action(), action -> new AtomicLong()).incrementAndGet();
    return choice.of(call.action(), number).fault();
  }
}
