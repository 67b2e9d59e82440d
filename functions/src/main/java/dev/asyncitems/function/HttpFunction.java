package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.lambda.HttpShell;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.Shell;
import dev.asyncitems.metric.Metric;
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

  /** Answers a request. May throw an exception or return a future that fails with it. */
  abstract CompletableFuture<Reply> answer(Request request);

  /** Marks and counts an idempotent replay. */
  static Reply markReplay(Request request, Reply reply) {
    request.count(Metric.IDEMPOTENT_REPLAYS);
    return reply.with("Idempotent-Replayed", "true");
  }

  @Override
  final Shell shell() {
    return shell;
  }
}
