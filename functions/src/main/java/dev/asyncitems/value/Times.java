package dev.asyncitems.value;

import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Utilities for times. A time's text is in the format of RFC 3339, in UTC, with milliseconds. */
public final class Times {
  private static final DateTimeFormatter MILLISECONDS =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private Times() {}

  /** Returns the current time, truncated to milliseconds. */
  public static Instant now(Clock clock) {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  public static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }

  /** Reads a time. Returns empty if the text is malformed. */
  public static Optional<Instant> parse(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Returns the text of a time. For the years 0 to 9999, texts sort like their times. */
  public static String text(Instant time) {
    return MILLISECONDS.format(time);
  }
}
