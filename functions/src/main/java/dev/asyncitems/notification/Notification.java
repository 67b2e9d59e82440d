package dev.asyncitems.notification;

import dev.asyncitems.value.TextRule;

/**
 * A notification. A message that an earlier release stored may break the rule {@link #MESSAGE}, so
 * the constructor does not check it. Immutable.
 */
public record Notification(String message) {
  public static final TextRule MESSAGE = new TextRule(1, 4_096, true);

  /** Returns a notification, or throws {@link IllegalArgumentException} for an invalid message. */
  public static Notification of(String message) {
    return new Notification(MESSAGE.require(message));
  }
}
