package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.rejection.Rejection.Reason;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The use cases that read notifications. Thread-safe. Futures fail with the exceptions that {@link
 * NotificationStore} names.
 */
public final class Notifications {
  private final NotificationStore store;

  public Notifications(NotificationStore store) {
    this.store = store;
  }

  /** Reads a notification, strongly consistent. Fails with {@link Rejection} for an unknown id. */
  public CompletableFuture<Notification> get(NotificationId id, Deadline deadline) {
    return store
        .find(id, deadline)
        .thenApply(found -> found.orElseThrow(() -> new Rejection(Reason.NOT_FOUND)));
  }

  /**
   * Lists notifications as {@link NotificationStore#page} does.
   *
   * @param status the status to list; empty for all notifications
   */
  public CompletableFuture<Page<Notification>> list(
      Optional<TaskStatus> status, PageRequest request, Deadline deadline) {
    return store.page(status, request, deadline);
  }
}
