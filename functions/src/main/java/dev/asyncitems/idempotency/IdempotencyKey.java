package dev.asyncitems.idempotency;

/**
 * A key that turns repeated requests into one.
 *
 * @param key the key of the idempotency record, derived from the caller and the client's key
 * @param fingerprint identifies the request; the same key with another fingerprint is rejected
 */
public record IdempotencyKey(String key, String fingerprint) {
  public IdempotencyKey {
    if (key.isEmpty() || fingerprint.isEmpty()) {
      throw new IllegalArgumentException("key and fingerprint must not be empty");
    }
  }
}
