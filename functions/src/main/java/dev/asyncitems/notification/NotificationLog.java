package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.rejection.Result.Done;
import dev.asyncitems.rejection.Result.Rejected;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** All notifications and what became of them. Safe for use by any number of threads. */
public final class NotificationLog {
  private final NotificationStore store;

  public NotificationLog(NotificationStore store) {
    this.store = store;
  }

  /** Reads a notification. */
  public CompletableFuture<Result<Notification>> get(NotificationId id, Deadline deadline) {
    return store
        .find(id, deadline)
        .thenApply(found ->
            found
                .<Result<Notification>>map(Done::new)
                .orElseGet(() -> new Rejected<>(Rejection.NOT_FOUND)));
  }

  /** Lists the log as {@link NotificationStore#page} does. */
  public CompletableFuture<Page<Notification>> list(
      Optional<Status> status, PageRequest request, Deadline deadline) {
    return store.page(status, request, deadline);
  }
}
