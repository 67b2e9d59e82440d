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

/** {@code DELETE /notifications/{id}}: deletes a notification, whatever its status. */
public final class DeleteNotification extends HttpFunction {
  private final TaskStore<Notification> notifications;

  public DeleteNotification() {
    this(System.getenv(), Clock.systemUTC());
  }

  public DeleteNotification(Map<String, String> environment, Clock clock) {
    Wiring wiring = new Wiring(environment, clock, TaskKind.NOTIFICATION.table());
    super(wiring);
    notifications = wiring.tasks(TaskKind.NOTIFICATION);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    UUID id = id(request);
    request.note(TaskKind.NOTIFICATION.idField(), id.toString());
    return notifications
        .delete(id, request.deadline())
        .thenApply(deleted -> {
          if (!deleted) {
            throw new Rejection(Reason.NOT_FOUND);
          }
          return Reply.empty(204);
        });
  }
}
