package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.metric.Metric;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The shell of a function behind an HTTP API. It reads the event, waits for the handler's reply,
 * converts failures to problems, and writes the response and a log line. Thread-safe.
 */
public final class HttpShell implements Shell {
  private final Function<Request, CompletableFuture<Reply>> handler;
  private final Log log;

  /** Creates a shell. The handler may throw an exception or return a failed future. */
  public HttpShell(Function<Request, CompletableFuture<Reply>> handler, Log log) {
    this.handler = handler;
    this.log = log;
  }

  /** Answers one invocation. Answers an unreadable event with 500. */
  @Override
  public void handle(InputStream in, OutputStream out, Context context) {
    long start = System.nanoTime();
    var deadline = Invocation.deadline(context);
    String traceHeader = Invocation.traceHeader(context);
    Request request = Request.unread(traceHeader, deadline);
    Reply reply;
    Optional<Throwable> failure = Optional.empty();
    Optional<Problem> problem = Optional.empty();
    try {
      request = Request.of(EventCodec.readHttpEvent(in), traceHeader, deadline);
      reply = Invocation.await(handler.apply(request), deadline);
    } catch (RuntimeException e) {
      Problem reported = Problem.of(e);
      Throwable cause = e instanceof ProblemException && e.getCause() != null ? e.getCause() : e;
      failure = reported.type().status() >= 500 ? Optional.of(cause) : Optional.empty();
      problem = Optional.of(reported);
      reply = reported.reply(request);
    }
    EventCodec.write(reply, out);
    log(request, context, reply, problem, failure, start);
  }

  private void log(
      Request request,
      Context context,
      Reply reply,
      Optional<Problem> problem,
      Optional<Throwable> failure,
      long start) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("requestId", request.id());
    request.traceContext().traceId().ifPresent(id -> fields.put("traceId", id));
    fields.put("invocationId", context.getAwsRequestId());
    fields.put("route", request.route());
    fields.put("status", reply.status());
    fields.put("outcome", problem.map(reported -> reported.type().uri()).orElse("ok"));
    fields.putAll(request.notes());
    fields.put("durationMs", Duration.ofNanos(System.nanoTime() - start).toMillis());
    fields.put("result", result(reply.status()));
    request.count(Metric.REQUESTS);
    if (reply.status() >= 500) {
      request.count(Metric.SERVER_ERRORS);
    }
    Log.Level level =
        reply.status() == 500
            ? Log.Level.ERROR
            : reply.status() > 500 ? Log.Level.WARN : Log.Level.INFO;
    log.writeCall(level, "request", fields, request.metrics(), failure);
  }

  // CloudWatch charges for each combination of route and result, so outcomes are grouped.
  private static String result(int status) {
    return status >= 500 ? "server_error" : status >= 400 ? "client_error" : "ok";
  }
}
