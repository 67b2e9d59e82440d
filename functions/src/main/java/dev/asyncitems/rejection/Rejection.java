package dev.asyncitems.rejection;

/** An exception for a well-formed request that the domain rejects. The request changed nothing. */
public final class Rejection extends RuntimeException {
  private final Reason reason;

  public Rejection(Reason reason) {
    super(reason.name(), null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** The reason of a rejection. */
  public enum Reason {
    /** No row has the id. */
    NOT_FOUND,
    /** The row's version does not satisfy the request's preconditions (RFC 9110, 13.1). */
    PRECONDITION_FAILED,
    /** The idempotency key was used for another request. */
    KEY_REUSED
  }
}
