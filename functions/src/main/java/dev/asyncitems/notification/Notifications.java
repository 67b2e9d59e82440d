package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import dev.asyncitems.rejection.Result.Rejected;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads the log of notifications. Futures fail as those of the store. Thread-safe. */
public final class Notifications {
  private final NotificationStore store;

  public Notifications(NotificationStore store) {
    this.store = store;
  }

  /** Reads a notification. Rejected as not found if no notification has the id. */
  public CompletableFuture<Result<Notification>> get(NotificationId id, Deadline deadline) {
    return store
        .find(id, deadline)
        .thenApply(found ->
            found
                .<Result<Notification>>map(Done::new)
                .orElseGet(() -> new Rejected<>(Rejection.NOT_FOUND)));
  }

  /** Lists notifications as {@link NotificationStore#page} does. */
  public CompletableFuture<Page<Notification>> list(
      Optional<TaskStatus> status, PageRequest request, Deadline deadline) {
    return store.page(status, request, deadline);
  }
}
