package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.Context;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.lambda.HttpShell;
import dev.asyncitems.lambda.Log;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** A function behind the HTTP API. Thread-safe. */
abstract class HttpFunction extends LambdaFunction {
  private final HttpShell shell;

  HttpFunction(Wiring wiring) {
    super(wiring);
    shell = new HttpShell(this::answer, log());
  }

  HttpFunction(Log log) {
    super(log);
    shell = new HttpShell(this::answer, log);
  }

  /** Answers a request. May throw a problem or return a future that fails with it. */
  abstract CompletableFuture<Reply> answer(Request request);

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context) {
    shell.handle(input, output, context);
  }
}
