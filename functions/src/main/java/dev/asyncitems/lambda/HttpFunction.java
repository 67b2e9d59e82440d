package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** A function behind the HTTP API. Safe for use by any number of threads if its answer is. */
public abstract class HttpFunction implements RequestStreamHandler, AutoCloseable {
  private final HttpShell shell;
  private final Runnable closing;

  /**
   * @param closing closes what the function uses
   */
  @SuppressWarnings("this-escape") // the shell calls it once an event is there
  protected HttpFunction(Log log, Runnable closing) {
    this.shell = new HttpShell(this::answer, log);
    this.closing = closing;
  }

  /** Answers a request; may throw or fail with a problem. */
  protected abstract CompletableFuture<Reply> answer(Request request);

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context) {
    shell.handle(input, output, context);
  }

  @Override
  public final void close() {
    closing.run();
  }
}
