package dev.asyncitems.notification;

import dev.asyncitems.value.TextRule;

/**
 * A notification, whose background task logs it. Immutable. The message of an older row may break
 * today's rule.
 *
 * @param message a text that follows {@link #MESSAGE}
 */
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
