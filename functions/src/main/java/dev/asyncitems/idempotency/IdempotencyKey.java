package dev.asyncitems.idempotency;

/**
 * The key by which a client makes repeated requests one request.
 *
 * @param key the record's key: made of the caller and of the client's key
 * @param fingerprint of the request; the same key with another fingerprint is rejected
 */
public record IdempotencyKey(String key, String fingerprint) {
  public IdempotencyKey {
    if (key.isEmpty() || fingerprint.isEmpty()) {
      throw new IllegalArgumentException("an idempotency key needs a key and a fingerprint");
    }
  }
}
