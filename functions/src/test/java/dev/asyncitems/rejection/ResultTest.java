package dev.asyncitems.rejection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.rejection.Result.Done;
import dev.asyncitems.rejection.Result.Rejected;
import org.junit.jupiter.api.Test;

final class ResultTest {
  @Test
  void mappingChangesAValueAndLeavesARejection() {
    Result<Integer> done = new Done<>(1);
    Result<Integer> rejected = new Rejected<>(Rejection.NOT_FOUND);
    assertThat(done.map(value -> value + 1)).isEqualTo(new Done<>(2));
    assertThat(rejected.map(value -> value + 1)).isEqualTo(rejected);
  }
}
