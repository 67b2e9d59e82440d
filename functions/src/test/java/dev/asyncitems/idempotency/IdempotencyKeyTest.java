package dev.asyncitems.idempotency;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class IdempotencyKeyTest {
  @Test
  void itNeedsAKeyAndAFingerprint() {
    assertThatIllegalArgumentException().isThrownBy(() -> new IdempotencyKey("", "fingerprint"));
    assertThatIllegalArgumentException().isThrownBy(() -> new IdempotencyKey("key", ""));
  }
}
