package dev.asyncitems.kernel;

import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;

/** Times as the API gives and the tables keep them: RFC 3339, UTC, milliseconds. */
public final class Times {
  private static final DateTimeFormatter MILLISECONDS =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private Times() {}

  /** The time now, cut to the millisecond. */
  public static Instant now(Clock clock) {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** The later of two times. */
  public static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }

  /** Text of fixed width for years 0 to 9999, so that it sorts as the times do. */
  public static String text(Instant time) {
    return MILLISECONDS.format(time);
  }
}
