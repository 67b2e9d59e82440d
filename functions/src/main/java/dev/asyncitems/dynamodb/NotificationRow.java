package dev.asyncitems.dynamodb;

import dev.asyncitems.notification.Notification;

/** A notification's row. Mutable and not thread-safe. */
public final class NotificationRow extends TaskRow<Notification> {
  public static final Type<Notification, NotificationRow> TYPE =
      Type.of(
          NotificationRow.class,
          NotificationRow::new,
          schema -> schema.text("message", row -> row.message, (row, v) -> row.message = v));

  private String message = "";

  @Override
  Notification data() {
    return new Notification(message);
  }

  @Override
  void set(Notification notification) {
    message = notification.message();
  }
}
