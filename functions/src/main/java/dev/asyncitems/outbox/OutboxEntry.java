package dev.asyncitems.outbox;

import dev.asyncitems.trace.TraceContext;
import java.time.Instant;
import java.util.UUID;

/**
 * The part of a row that marks its background task as pending.
 *
 * @param id the row's id, a UUIDv7 with the time of acceptance
 * @param nextDispatchAt the time from which the relay may dispatch the entry
 * @param dispatches the number of dispatches by the relay, from 0
 * @param trace the trace context of the request that accepted the task
 */
public record OutboxEntry(UUID id, Instant nextDispatchAt, int dispatches, TraceContext trace) {
  /** Returns the entry as a lease leaves it. A lease counts as a dispatch. */
  public OutboxEntry leasedUntil(Instant until) {
    return new OutboxEntry(id, until, dispatches + 1, trace);
  }
}
