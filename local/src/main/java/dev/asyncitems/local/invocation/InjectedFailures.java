package dev.asyncitems.local.invocation;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Failures that a developer turns on, to see what happens when a function fails. A function that
 * runs background tasks fails inside its tasks, once for each attempt. Any other function fails
 * before its handler runs. Thread-safe.
 */
public final class InjectedFailures {

  /** The number of failures of a function that fails until it is turned off. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  private final Map<String, Integer> left = new HashMap<>();

  /** Makes a function fail this many times, or until {@link #turnOff}. */
  public synchronized void turnOn(String functionId, int times) {
    left.put(functionId, times);
  }

  public synchronized void turnOff(String functionId) {
    left.remove(functionId);
  }

  /** Returns how often a function will still fail, or empty if it does not fail. */
  public synchronized OptionalInt left(String functionId) {
    Integer times = left.get(functionId);
    return times == null ? OptionalInt.empty() : OptionalInt.of(times);
  }

  /** Throws an exception if the function has to fail, and counts the failure. */
  synchronized void check(String functionId) {
    Integer times = left.get(functionId);
    if (times == null) {
      return;
    }
    if (times == 1) {
      left.remove(functionId);
    } else if (times != UNLIMITED) {
      left.put(functionId, times - 1);
    }
    throw new InjectedFailure();
  }
}
