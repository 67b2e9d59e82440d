package dev.asyncitems.idempotency;

/**
 * The result of a request with an optional idempotency key.
 *
 * @param value the new object, as it was when it was created
 * @param replayed whether an earlier request with the same key created it
 */
public record Accepted<T>(T value, boolean replayed) {}
