package dev.asyncitems.idempotency;

/**
 * A key with which a repeated request takes effect only once.
 *
 * @param key the key of the idempotency record, derived from the caller and the client's key
 * @param fingerprint identifies the request; a known key with another fingerprint is rejected
 */
public record IdempotencyKey(String key, String fingerprint) {
  public IdempotencyKey {
    if (key.isEmpty() || fingerprint.isEmpty()) {
      throw new IllegalArgumentException("key and fingerprint must not be empty");
    }
  }
}
