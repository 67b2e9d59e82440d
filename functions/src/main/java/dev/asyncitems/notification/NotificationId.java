package dev.asyncitems.notification;

import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** A notification's id. Ids sort by the millisecond in which their notifications were accepted. */
public record NotificationId(UUID value) {
  static NotificationId at(Instant time) {
    return new NotificationId(UuidV7.at(time));
  }

  /** Reads an id in any case; empty when the text is no UUID. */
  public static Optional<NotificationId> parse(String text) {
    return UuidV7.parse(text).map(NotificationId::new);
  }

  /** When the notification was accepted, to the millisecond. */
  public Instant time() {
    return UuidV7.time(value);
  }

  /** The id in lower case. */
  @Override
  public String toString() {
    return value.toString();
  }
}
