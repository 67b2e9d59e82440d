package dev.asyncitems.notification;

import dev.asyncitems.value.TextRule;

/** A notification. Immutable. The message of an older row may break {@link #MESSAGE}. */
public record Notification(String message) {
  public static final TextRule MESSAGE = new TextRule(1, 4_096, true);

  /**
   * Returns a new notification.
   *
   * @throws IllegalArgumentException if the message breaks the rule
   */
  public static Notification of(String message) {
    return new Notification(MESSAGE.require(message));
  }
}
