package dev.asyncitems.notification;

import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.value.TextRule;
import java.time.Instant;
import java.util.Optional;

/**
 * A notification and the status of its task. Immutable. An older row may break today's rules.
 *
 * @param message a text that follows {@link #MESSAGE}
 * @param status done if the notification is logged
 * @param attempts the number of recorded attempts to log it
 * @param createdAt the id's time
 * @param loggedAt when it was logged, never before {@code createdAt}; empty until then
 * @param failure why the last attempt failed; empty once it is logged
 */
public record Notification(
    NotificationId id,
    String message,
    TaskStatus status,
    int attempts,
    Instant createdAt,
    Optional<Instant> loggedAt,
    Optional<String> failure) {
  public static final TextRule MESSAGE = new TextRule(1, 4_096, true);

  /**
   * Returns a new notification.
   *
   * @throws IllegalArgumentException if the message breaks the rule
   */
  static Notification accept(String message, Instant now) {
    NotificationId id = NotificationId.at(now);
    return new Notification(
        id,
        MESSAGE.require(message),
        TaskStatus.QUEUED,
        0,
        id.time(),
        Optional.empty(),
        Optional.empty());
  }
}
