package dev.asyncitems.outbox;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The status of a background task. */
public enum TaskStatus {
  /** The task is accepted and has not taken effect. */
  QUEUED,
  /** The task has taken effect. */
  DONE,
  /** The task has failed with a reason. A replay can still complete it. */
  FAILED;

  /** Returns the name in lower case, as tables store it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<TaskStatus> parse(String text) {
    return Arrays.stream(values()).filter(status -> status.text().equals(text)).findFirst();
  }
}
