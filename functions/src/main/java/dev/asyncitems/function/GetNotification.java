package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.outbox.TaskStore;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Rejection.Reason;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** {@code GET /notifications/{id}}: reads a notification. */
public final class GetNotification extends HttpFunction {
  private final TaskStore<Notification> notifications;

  public GetNotification() {
    this(System.getenv(), Clock.systemUTC());
  }

  public GetNotification(Map<String, String> environment, Clock clock) {
    Wiring wiring = new Wiring(environment, clock, TaskKind.NOTIFICATION.table());
    super(wiring);
    notifications = wiring.tasks(TaskKind.NOTIFICATION);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    UUID id = id(request);
    request.note(TaskKind.NOTIFICATION.idField(), id.toString());
    return notifications
        .find(id, request.deadline())
        .thenApply(found -> found.orElseThrow(() -> new Rejection(Reason.NOT_FOUND)))
        .thenApply(found -> Reply.of(200, json -> NotificationJson.write(json, found)));
  }
}
