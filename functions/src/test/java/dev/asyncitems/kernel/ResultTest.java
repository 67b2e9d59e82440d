package dev.asyncitems.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.asyncitems.kernel.Result.Done;
import dev.asyncitems.kernel.Result.Refused;
import org.junit.jupiter.api.Test;

final class ResultTest {
  @Test
  void mappingChangesAValueAndLeavesARefusal() {
    Result<Integer> done = new Done<>(1);
    Result<Integer> refused = new Refused<>(Refusal.NOT_FOUND);
    assertThat(done.map(value -> value + 1)).isEqualTo(new Done<>(2));
    assertThat(refused.map(value -> value + 1)).isEqualTo(refused);
  }

  @Test
  void aClaimNeedsAKeyAndAFingerprint() {
    assertThatIllegalArgumentException().isThrownBy(() -> new IdempotencyClaim("", "fingerprint"));
    assertThatIllegalArgumentException().isThrownBy(() -> new IdempotencyClaim("key", ""));
  }
}
