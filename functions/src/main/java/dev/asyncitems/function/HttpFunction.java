package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.lambda.HttpShell;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.Shell;
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

  @Override
  final Shell shell() {
    return shell;
  }
}
