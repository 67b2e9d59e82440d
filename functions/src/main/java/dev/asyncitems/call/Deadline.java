package dev.asyncitems.call;

import java.time.Duration;

/**
 * The moment by which a call must have ended, on the JVM's monotonic clock.
 *
 * <p>It travels with the call, so that nothing is started once its answer has been given: a Lambda
 * environment may be frozen then.
 */
public final class Deadline {
  /** What a part leaves to the whole, so that it can answer though the part hung. */
  private static final Duration ANSWERING = Duration.ofMillis(200);

  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  /** A deadline so far from now; one that is not positive has passed already. */
  public static Deadline after(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** A deadline that is earlier than this one by a margin. */
  public Deadline less(Duration margin) {
    return new Deadline(nanos - margin.toNanos());
  }

  /** The deadline of a part of the work: it may hang, and the whole is still answered in time. */
  public Deadline ofPart() {
    return less(ANSWERING);
  }

  /** This deadline, or one so far from now where that is earlier. */
  public Deadline orAfter(Duration time) {
    return time.compareTo(remaining()) < 0 ? after(time) : this;
  }

  /** The time that is left; zero once it has passed, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  /** Whether no time is left. */
  public boolean passed() {
    return nanos - System.nanoTime() <= 0;
  }
}
