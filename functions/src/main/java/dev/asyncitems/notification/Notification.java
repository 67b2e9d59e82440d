package dev.asyncitems.notification;

import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.value.TextRule;
import java.time.Instant;
import java.util.Optional;

/**
 * A notification and how far its task has come. A notification that was read from a row may break
 * the rules of this release.
 *
 * @param message a text that follows {@link #MESSAGE}
 * @param status done once the notification is logged
 * @param attempts how often the consumer has tried to log it, as far as was recorded
 * @param createdAt the id's time
 * @param loggedAt when it was logged, never before {@code createdAt}; empty before that
 * @param failure why its last attempt failed; empty once it is logged
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
   * Returns a notification that has just been accepted.
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
