package dev.asyncitems.faults;

import dev.asyncitems.system.FaultProxy.Fault;
import java.time.Duration;

/** The kinds of faults in a plan, the mildest first. A failing plan shrinks towards the first. */
@SuppressWarnings("ImmutableEnumChecker") // The faults hold no state.
enum Trouble {
  NONE(Fault.PASS),
  SLOW(Faults.delay(Duration.ofMillis(40))),
  RESET_BEFORE(Fault.REFUSE),
  RESET_AFTER(Fault.DROP_ANSWER),
  CONFLICT(Faults.CONFLICT),
  CANCELLED_BY_THROTTLING(Faults.CANCELLED_BY_THROTTLING),
  ENTRIES_REFUSED(Faults.refuseEntries(entry -> entry % 2 == 0)),
  INTERNAL_ERROR(Faults.INTERNAL_ERROR),
  UNAVAILABLE(Faults.UNAVAILABLE),
  THROTTLED(Faults.THROTTLED),
  THROUGHPUT_EXCEEDED(Faults.THROUGHPUT_EXCEEDED);

  private final Fault fault;

  Trouble(Fault fault) {
    this.fault = fault;
  }

  Fault fault() {
    return fault;
  }
}
