package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.outbox.Outbox;
import dev.asyncitems.outbox.Outbox.Accepted;
import dev.asyncitems.outbox.Task;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A function behind the HTTP API that accepts background tasks of one kind. Thread-safe. */
abstract class AcceptFunction<D> extends HttpFunction {
  private final TaskKind<D> kind;
  private final Outbox<D> outbox;

  AcceptFunction(Map<String, String> environment, Clock clock, TaskKind<D> kind) {
    Wiring wiring = new Wiring(environment, clock, kind.toAccept());
    super(wiring);
    this.kind = kind;
    outbox = wiring.outbox(kind);
  }

  /** Accepts a task, adds its id to the request's log line, and counts it. */
  final CompletableFuture<Reply> accept(
      Request request,
      D data,
      Optional<IdempotencyKey> idempotencyKey,
      Function<Task<D>, Reply> reply) {
    return outbox
        .accept(data, idempotencyKey, request.traceContext(), request.deadline())
        .thenApply(accepted -> {
          request.note(kind.idField(), accepted.task().id().toString());
          warnIfNotSent(request, accepted);
          Reply first = reply.apply(accepted.task());
          if (accepted.replayed()) {
            return markIdempotentReplay(request, first);
          }
          request.count(Metric.ACCEPTED);
          return first;
        });
  }

  private void warnIfNotSent(Request request, Accepted<D> accepted) {
    if (accepted.queueFailure().isPresent()) {
      Map<String, String> fields = new LinkedHashMap<>(request.traceContext().fields());
      fields.put("route", request.route());
      fields.put(kind.idField(), accepted.task().id().toString());
      fields.put("outcome", "left to the relay");
      log().write(Log.Level.WARN, "message not sent", fields, accepted.queueFailure());
    }
  }
}
