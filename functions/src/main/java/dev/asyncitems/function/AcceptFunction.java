package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.outbox.Outbox.Accepted;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** A function behind the HTTP API that accepts work for the background. Thread-safe. */
abstract class AcceptFunction extends HttpFunction {
  AcceptFunction(Wiring wiring) {
    super(wiring);
  }

  /**
   * Writes accepted work to the log line and the metrics of its request, and returns the response.
   *
   * @param idField the log line's field with the work's id
   * @param tasks the number of background tasks that the work consists of
   * @param first the response to the request that was accepted first
   */
  final Reply accepted(
      Request request, Accepted<?> accepted, String idField, UUID id, int tasks, Reply first) {
    request.note(idField, id.toString());
    if (accepted.queueFailure().isPresent()) {
      Map<String, String> fields = new LinkedHashMap<>(request.traceContext().fields());
      fields.put("route", request.route());
      fields.put(idField, id.toString());
      fields.put("outcome", "left to the relay");
      log().write(Log.Level.WARN, "message not sent", fields, accepted.queueFailure());
    }
    if (accepted.replayed()) {
      return markIdempotentReplay(request, first);
    }
    request.count(Metric.ACCEPTED, tasks);
    return first;
  }
}
