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
 * Decides which call meets which fault. The decision depends only on the call's action and on the
 * number of earlier calls of this action, not on the order of threads. Thread-safe.
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

  /** One fault of a script, for the call of an action with this number, counted from 1. */
  record Planned(String action, int number, Trouble trouble) {
    @Override
    public String toString() {
      return action + " " + number + " " + trouble;
    }
  }

  /** Returns a plan that follows a script. */
  static FaultPlan of(List<Planned> script) {
    return new FaultPlan((action, number) ->
        script.stream()
            .filter(planned -> planned.action().equals(action) && planned.number() == number)
            .findFirst()
            .map(Planned::trouble)
            .orElse(Trouble.NONE));
  }

  /**
   * Returns a random plan.
   *
   * @param chance the chance of each fault, in 1/10,000; a missing fault never happens
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
