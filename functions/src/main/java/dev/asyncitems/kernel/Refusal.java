package dev.asyncitems.kernel;

/** Why a well-formed request was refused by what the store holds. */
public enum Refusal {
  /** No row has the id. */
  NOT_FOUND,
  /** The row's version is none of those that the request named (RFC 9110, 13.1.1). */
  PRECONDITION_FAILED,
  /** The idempotency key was used for another request. */
  KEY_REUSED
}
