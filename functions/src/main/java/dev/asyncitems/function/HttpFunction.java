package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.asyncitems.edge.HttpEdge;
import dev.asyncitems.edge.Log;
import dev.asyncitems.edge.Reply;
import dev.asyncitems.edge.Request;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** A function behind the HTTP API. */
abstract class HttpFunction implements RequestStreamHandler, AutoCloseable {
  private final HttpEdge edge;
  private final Runnable closing;

  HttpFunction(Log log, Runnable closing) {
    this.edge = new HttpEdge(this::answer, log);
    this.closing = closing;
  }

  /** Answers a request; may throw or fail with a problem. */
  abstract CompletableFuture<Reply> answer(Request request);

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context) {
    edge.handle(input, output, context);
  }

  @Override
  public final void close() {
    closing.run();
  }
}
