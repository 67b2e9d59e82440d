package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.Outbox;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStore;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A function behind the HTTP API that accepts background tasks of one kind. Thread-safe. */
abstract class TaskFunction<D> extends AcceptFunction {
  private final TaskKind<D> kind;
  private final TaskStore<D> tasks;
  private final Outbox outbox;

  TaskFunction(Map<String, String> environment, Clock clock, TaskKind<D> kind) {
    Wiring wiring = new Wiring(environment, clock, kind.toAccept());
    super(wiring);
    this.kind = kind;
    tasks = wiring.tasks(kind);
    outbox = wiring.outbox(kind);
  }

  /** Accepts a task, adds its id to the request's log line, and counts it. */
  final CompletableFuture<Reply> accept(
      Request request,
      D data,
      Optional<IdempotencyKey> idempotencyKey,
      Function<Task<D>, Reply> reply) {
    return outbox
        .accept(tasks, data, idempotencyKey, request.traceContext(), request.deadline())
        .thenApply(accepted -> {
          Task<D> task = accepted.work();
          return accepted(request, accepted, kind.idField(), task.id(), 1, reply.apply(task));
        });
  }
}
