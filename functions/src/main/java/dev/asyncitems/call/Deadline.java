package dev.asyncitems.call;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The moment by which a call must have ended, on a monotonic clock. Each call passes it to the
 * calls below, so that no work starts after the response. Lambda may freeze the environment then.
 */
public final class Deadline {
  private static final Duration ANSWERING = Duration.ofMillis(200);

  private final long nanos;
  private final LongSupplier nanoTime;

  private Deadline(long nanos, LongSupplier nanoTime) {
    this.nanos = nanos;
    this.nanoTime = nanoTime;
  }

  /**
   * Returns the deadline that passes after the given time. A time that is not positive gives a
   * deadline that has already passed.
   */
  public static Deadline after(Duration time) {
    return after(time, System::nanoTime);
  }

  /** Returns the deadline after the given time on a clock such as {@link System#nanoTime}. */
  public static Deadline after(Duration time, LongSupplier nanoTime) {
    return new Deadline(nanoTime.getAsLong() + time.toNanos(), nanoTime);
  }

  /** Returns a deadline that is earlier by the given margin. */
  public Deadline less(Duration margin) {
    return new Deadline(nanos - margin.toNanos(), nanoTime);
  }

  /** Returns the deadline for a part of the work. It leaves 200 ms for the response. */
  public Deadline ofPart() {
    return less(ANSWERING);
  }

  /** Returns this deadline, or one that passes after the given time if that is earlier. */
  public Deadline orAfter(Duration time) {
    return time.compareTo(remaining()) < 0 ? after(time, nanoTime) : this;
  }

  /** Returns the remaining time, or zero after the deadline. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - nanoTime.getAsLong()));
  }

  public boolean passed() {
    return nanos - nanoTime.getAsLong() <= 0;
  }
}
