package dev.asyncitems.notification;

import dev.asyncitems.value.TextRule;
import java.time.Instant;
import java.util.Optional;

/**
 * A notification and how far it has come. One that was read from a row may break the rules, which
 * are those of today.
 *
 * @param message as {@link #MESSAGE} says
 * @param attempts how often the consumer was given its job, as far as was recorded
 * @param createdAt the id's time
 * @param loggedAt when it was logged, never before {@code createdAt}; empty before that
 * @param failure why it failed; empty unless it has
 */
public record Notification(
    NotificationId id,
    String message,
    Status status,
    int attempts,
    Instant createdAt,
    Optional<Instant> loggedAt,
    Optional<String> failure) {
  public static final TextRule MESSAGE = new TextRule(1, 4_096, true);

  /**
   * Returns a notification that has just been accepted.
   *
   * @throws IllegalArgumentException if the message breaks a rule
   */
  static Notification accept(String message, Instant now) {
    NotificationId id = NotificationId.at(now);
    return new Notification(
        id,
        MESSAGE.require(message),
        Status.QUEUED,
        0,
        id.time(),
        Optional.empty(),
        Optional.empty());
  }
}
