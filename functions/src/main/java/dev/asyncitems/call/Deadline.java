package dev.asyncitems.call;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The moment by which a call must have ended, on a monotonic clock.
 *
 * <p>Calls pass it on, so that no work starts after the response. Lambda may freeze the environment
 * then.
 */
public final class Deadline {
  /** The time that a part of the work leaves for the response. */
  private static final Duration ANSWERING = Duration.ofMillis(200);

  private final long nanos;
  private final LongSupplier nanoTime;

  private Deadline(long nanos, LongSupplier nanoTime) {
    this.nanos = nanos;
    this.nanoTime = nanoTime;
  }

  /** Returns the deadline after a time from now. With a time that is not positive it has passed. */
  public static Deadline after(Duration time) {
    return after(time, System::nanoTime);
  }

  /** Returns the deadline after a time from now, on a clock such as {@link System#nanoTime}. */
  public static Deadline after(Duration time, LongSupplier nanoTime) {
    return new Deadline(nanoTime.getAsLong() + time.toNanos(), nanoTime);
  }

  /** Returns a deadline that is earlier by a margin. */
  public Deadline less(Duration margin) {
    return new Deadline(nanos - margin.toNanos(), nanoTime);
  }

  /**
   * Returns the deadline of a part of the work. Even if the part hangs, the whole can respond in
   * time.
   */
  public Deadline ofPart() {
    return less(ANSWERING);
  }

  /** Returns this deadline, or the deadline after the time from now if that is earlier. */
  public Deadline orAfter(Duration time) {
    return time.compareTo(remaining()) < 0 ? after(time, nanoTime) : this;
  }

  /** Returns the remaining time; zero after the deadline, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - nanoTime.getAsLong()));
  }

  /** Returns whether the deadline has passed. */
  public boolean passed() {
    return nanos - nanoTime.getAsLong() <= 0;
  }
}
