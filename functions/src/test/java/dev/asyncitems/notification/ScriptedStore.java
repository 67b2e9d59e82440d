package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Script;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A store with scripted answers, which records its calls. */
final class ScriptedStore implements NotificationStore {
  Function<Notification, CompletableFuture<Optional<Notification>>> add =
      notification -> Script.done(Optional.empty());
  CompletableFuture<Effect> log = Script.done(Effect.DONE);

  private final Script script;

  ScriptedStore(Script script) {
    this.script = script;
  }

  @Override
  public CompletableFuture<Optional<Notification>> add(
      Notification notification,
      OutboxEntry entry,
      Optional<IdempotencyKey> idempotencyKey,
      Deadline deadline) {
    script.called(
        "add "
            + notification.message()
            + Script.of(entry.trace())
            + " due "
            + entry.nextDispatchAt()
            + (entry.id().equals(notification.id().value()) ? "" : " with another's entry")
            + idempotencyKey.map(key -> " under " + key.key()).orElse(""),
        deadline);
    return add.apply(notification);
  }

  @Override
  public CompletableFuture<Optional<Notification>> find(NotificationId id, Deadline deadline) {
    throw new AssertionError("no test reads");
  }

  @Override
  public CompletableFuture<Page<Notification>> page(
      Optional<TaskStatus> status, PageRequest request, Deadline deadline) {
    throw new AssertionError("no test lists");
  }

  @Override
  public CompletableFuture<Effect> log(
      NotificationId id,
      String delivery,
      Instant at,
      Optional<Instant> expiresAt,
      Deadline deadline) {
    script.called(
        "log "
            + id
            + " by "
            + delivery
            + " at "
            + at
            + expiresAt.map(time -> " until " + time).orElse(""),
        deadline);
    return log;
  }
}
