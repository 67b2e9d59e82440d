package dev.asyncitems.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PageTest {
  private static final Optional<Position> NEXT = Optional.of(Position.of(new UUID(1, 2)));

  @Test
  void mappingAndFilteringLeaveWhereTheNextPageBegins() {
    Page<Integer> page = new Page<>(List.of(1, 2, 3), NEXT);
    assertThat(page.map(String::valueOf)).isEqualTo(new Page<>(List.of("1", "2", "3"), NEXT));
    assertThat(page.filter(row -> row == 2)).isEqualTo(new Page<>(List.of(2), NEXT));
    assertThat(page.filter(row -> false)).isEqualTo(new Page<>(List.of(), NEXT));
  }

  @Test
  void whatBecomesOfTheListItWasMadeOfDoesNotChangeIt() {
    List<Integer> rows = new ArrayList<>(List.of(1));
    Page<Integer> page = new Page<>(rows, Optional.empty());
    rows.add(2);
    assertThat(page.rows()).containsExactly(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 100})
  void aRequestTakesALimitFrom1To100(int limit) {
    assertThat(PageRequest.first(limit)).isEqualTo(new PageRequest(limit, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 101, Integer.MAX_VALUE})
  void aRequestRefusesEveryOtherLimit(int limit) {
    assertThatIllegalArgumentException().isThrownBy(() -> new PageRequest(limit, NEXT));
  }
}
