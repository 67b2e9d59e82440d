package dev.asyncitems.function;

import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.metric.Metric;

/** The marking and counting of idempotent replays. */
final class Replays {
  private Replays() {}

  static Reply mark(Request request, Reply reply, boolean replayed) {
    if (!replayed) {
      return reply;
    }
    request.count(Metric.IDEMPOTENT_REPLAYS);
    return reply.with("Idempotent-Replayed", "true");
  }
}
