package dev.asyncitems.value;

import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

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

  /** Reads a time; empty if the text is none. */
  public static Optional<Instant> parse(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Text of fixed width for years 0 to 9999, so that it sorts as the times do. */
  public static String text(Instant time) {
    return MILLISECONDS.format(time);
  }
}
