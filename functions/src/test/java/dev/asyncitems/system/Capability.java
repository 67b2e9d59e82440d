package dev.asyncitems.system;

/** Abilities that some tests need and some engines lack. */
public enum Capability {
  STOP_AND_START("the engine can be stopped, killed and started again"),
  MOVE_TASKS("StartMessageMoveTask replays dead letters"),
  TRACE_HEADERS("a message keeps the AWSTraceHeader that it was sent with"),
  TRANSACTION_TOKENS("a transaction that comes again with its client token has no second effect"),
  ATOMIC_CONDITIONS("of writes that overlap on one condition, one is taken"),
  ISOLATED_TRANSACTIONS("transactions that overlap don't undo each other"),
  TYPED_COMPARISONS("a text is neither less nor greater than a number"),
  TYPED_ADDITIONS("ADD refuses an attribute that is a text"),
  CONSUMED_CAPACITY("transactions tell the capacity that they consumed"),
  UNITS_BY_INDEX("calls report the units of tables and indexes as DynamoDB Local does"),
  A_THOUSAND_ROWS("a table of a thousand rows answers within the functions' time limits"),
  TEN_THOUSAND_ROWS("ten thousand rows and messages are handled within the functions' time limits");

  private final String need;

  Capability(String need) {
    this.need = need;
  }

  /** Returns the need as a sentence without its end. */
  String need() {
    return need;
  }
}
