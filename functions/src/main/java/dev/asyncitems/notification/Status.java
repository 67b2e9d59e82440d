package dev.asyncitems.notification;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How far a notification has come. */
public enum Status {
  /** Accepted; its job is still to be done. */
  QUEUED,
  /** Done. */
  LOGGED,
  /** Given up with a reason; a replay of its job can still log it. */
  FAILED;

  /** The name as the API gives it and the table keeps it: lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads a name as {@link #text()} gives it; empty when it is none. */
  public static Optional<Status> parse(String text) {
    return Arrays.stream(values()).filter(status -> status.text().equals(text)).findFirst();
  }
}
