package dev.asyncitems.outbox;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How far a background task has come. */
public enum TaskStatus {
  /** The task is accepted and has not taken effect. */
  QUEUED,
  /** The task has taken effect. */
  DONE,
  /** The task was given up with a reason. A replay can still complete it. */
  FAILED;

  /** Returns the name in lower case, as tables keep it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the status with this text, or empty if there is none. */
  public static Optional<TaskStatus> parse(String text) {
    return Arrays.stream(values()).filter(status -> status.text().equals(text)).findFirst();
  }
}
