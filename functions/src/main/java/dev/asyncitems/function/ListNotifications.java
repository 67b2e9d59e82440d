package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.READ_SHARDS;

import dev.asyncitems.http.Listing;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.outbox.TaskStore;
import dev.asyncitems.paging.PageRequest;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@code GET /notifications}: lists notifications. */
public final class ListNotifications extends HttpFunction {
  private final TaskStore<Notification> notifications;

  public ListNotifications() {
    this(System.getenv(), Clock.systemUTC());
  }

  public ListNotifications(Map<String, String> environment, Clock clock) {
    Wiring wiring = new Wiring(environment, clock, TaskKind.NOTIFICATION.table(), READ_SHARDS);
    super(wiring);
    notifications = wiring.tasks(TaskKind.NOTIFICATION);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    return request.read(input -> {
      Optional<TaskStatus> status =
          input.parameter("status", "must be queued, logged or failed", NotificationJson::status);
      Listing listing =
          new Listing(
              "/notifications",
              "notifications",
              status.map(wanted -> "status=" + NotificationJson.text(wanted)).orElse(""));
      PageRequest wanted = input.page(listing);
      return () ->
          notifications
              .page(status, wanted, request.deadline())
              .thenApply(page -> listing.reply(request, page, wanted, NotificationJson::write));
    });
  }
}
