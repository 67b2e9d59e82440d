package dev.asyncitems.rejection;

/** The reason why the domain rejects a well-formed request. */
public enum Rejection {
  /** No row has the id. */
  NOT_FOUND,
  /** The row's version does not satisfy the request's preconditions (RFC 9110, 13.1). */
  PRECONDITION_FAILED,
  /** The idempotency key was used for another request. */
  KEY_REUSED
}
