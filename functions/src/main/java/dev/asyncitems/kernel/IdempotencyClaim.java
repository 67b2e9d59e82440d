package dev.asyncitems.kernel;

/**
 * A client's claim that requests with this key are one request.
 *
 * @param key the record's key: made of the caller and of the client's key
 * @param fingerprint of the request; the same key with another fingerprint is refused
 */
public record IdempotencyClaim(String key, String fingerprint) {
  public IdempotencyClaim {
    if (key.isEmpty() || fingerprint.isEmpty()) {
      throw new IllegalArgumentException("a claim needs a key and a fingerprint");
    }
  }
}
