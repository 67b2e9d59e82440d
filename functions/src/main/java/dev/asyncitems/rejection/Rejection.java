package dev.asyncitems.rejection;

/** Why a well-formed request was rejected by what the store holds. */
public enum Rejection {
  /** No row has the id. */
  NOT_FOUND,
  /** The row's version is none of those that the request named (RFC 9110, 13.1.1). */
  PRECONDITION_FAILED,
  /** The idempotency key was used for another request. */
  KEY_REUSED
}
