package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.lambda.HttpShell;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.Shell;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.rejection.Rejection;
import dev.asyncitems.value.UuidV7;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A function behind the HTTP API. Thread-safe. */
abstract class HttpFunction extends LambdaFunction {
  private final Shell shell;

  HttpFunction(Wiring wiring) {
    super(wiring);
    shell = new HttpShell(this::answer, log());
  }

  HttpFunction(Log log) {
    super(log);
    shell = new HttpShell(this::answer, log);
  }

  /** Answers a request. A thrown exception counts as a failed future. */
  abstract CompletableFuture<Reply> answer(Request request);

  /** Returns the id in the path. Throws a {@link Rejection} (not found) if it is not a UUID. */
  static UUID id(Request request) {
    return UuidV7.parse(request.pathParameter("id"))
        .orElseThrow(() -> new Rejection(Rejection.Reason.NOT_FOUND));
  }

  /** Marks a reply as an idempotent replay, and counts it. */
  static Reply markIdempotentReplay(Request request, Reply reply) {
    request.count(Metric.IDEMPOTENT_REPLAYS);
    return reply.with("Idempotent-Replayed", "true");
  }

  @Override
  final Shell shell() {
    return shell;
  }
}
