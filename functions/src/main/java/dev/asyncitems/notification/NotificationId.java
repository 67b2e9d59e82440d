package dev.asyncitems.notification;

import dev.asyncitems.value.UuidV7;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** A notification's id. Ids sort by the time of acceptance, to the millisecond. */
public record NotificationId(UUID value) {
  static NotificationId at(Instant time) {
    return new NotificationId(UuidV7.at(time));
  }

  /** Reads a UUID in any case. Returns empty if the text is not a UUID. */
  public static Optional<NotificationId> parse(String text) {
    return UuidV7.parse(text).map(NotificationId::new);
  }

  /** Returns the time of acceptance, to the millisecond. */
  public Instant time() {
    return UuidV7.time(value);
  }

  /** Returns the id in lower case. */
  @Override
  public String toString() {
    return value.toString();
  }
}
