package dev.asyncitems.idempotency;

/**
 * What a request with an optional idempotency key brought about.
 *
 * @param value what was made, as it was when it was made
 * @param replayed whether an earlier request with the same key made it
 */
public record Accepted<T>(T value, boolean replayed) {}
