package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.notification.Notifications;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** {@code GET /notifications/{id}}: reads a notification. */
public final class GetNotification extends HttpFunction {
  private final Notifications notifications;

  public GetNotification() {
    this(System.getenv(), Clock.systemUTC());
  }

  public GetNotification(Map<String, String> environment, Clock clock) {
    Wiring wiring = new Wiring(environment, clock, Task.NOTIFICATION.table());
    super(wiring);
    notifications = wiring.notifications();
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    NotificationId id = NotificationJson.id(request);
    request.note("notificationId", id.toString());
    return notifications
        .get(id, request.deadline())
        .thenApply(found -> Reply.of(200, json -> NotificationJson.write(json, found)));
  }
}
