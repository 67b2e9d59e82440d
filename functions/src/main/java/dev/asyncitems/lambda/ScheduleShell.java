package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.json.JsonCodec;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.trace.TraceContext;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The shell of a scheduled function. It calls the handler at each tick of the schedule.
 * Thread-safe.
 */
public final class ScheduleShell implements Shell {
  private final Function<Deadline, CompletableFuture<Done>> handler;
  private final Log log;

  /**
   * The result of a tick.
   *
   * @param counts the numbers for the response and the log line
   * @param failure the failure of a part of the work, to be logged; empty if all parts succeeded
   * @param error an error that makes the tick fail although its counts are known; usually empty
   */
  public record Done(
      Map<String, Integer> counts,
      Map<Metric, Long> metrics,
      Optional<Throwable> failure,
      Optional<RuntimeException> error) {}

  public ScheduleShell(Function<Deadline, CompletableFuture<Done>> handler, Log log) {
    this.handler = handler;
    this.log = log;
  }

  /**
   * Calls the handler once and writes its counts. Ignores the event.
   *
   * @throws RuntimeException if the tick fails, so that Lambda counts an error
   */
  @Override
  public void handle(InputStream in, OutputStream out, Context context) {
    long start = System.nanoTime();
    Deadline deadline = Invocation.deadline(context);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("invocationId", context.getAwsRequestId());
    TraceContext.of(null, Invocation.traceHeader(context))
        .traceId()
        .ifPresent(id -> fields.put("traceId", id));
    Map<Metric, Long> metrics = Map.of();
    try {
      Done done = Invocation.await(handler.apply(deadline), deadline);
      metrics = done.metrics();
      fields.put("outcome", "ok");
      fields.putAll(done.counts());
      if (done.error().isPresent()) {
        throw done.error().get();
      }
      JsonCodec.write(
          out,
          json -> {
            json.writeStartObject();
            done.counts().forEach(json::writeNumberProperty);
            json.writeEndObject();
          });
      Log.Level level = done.failure().isPresent() ? Log.Level.WARN : Log.Level.INFO;
      log(level, fields, metrics, done.failure(), start);
    } catch (RuntimeException e) {
      fields.put("outcome", "failed");
      log(Log.Level.ERROR, fields, metrics, Optional.of(e), start);
      throw e;
    }
  }

  private void log(
      Log.Level level,
      Map<String, Object> fields,
      Map<Metric, Long> metrics,
      Optional<Throwable> failure,
      long start) {
    fields.put("durationMs", Duration.ofNanos(System.nanoTime() - start).toMillis());
    log.writeCall(level, "tick", fields, metrics, failure);
  }
}
