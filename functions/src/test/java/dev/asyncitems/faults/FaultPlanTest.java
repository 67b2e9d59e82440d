package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.faults.FaultPlan.Planned;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The choice of faults by script and by seed. */
final class FaultPlanTest {
  private static final Map<Trouble, Integer> HALF =
      Map.of(Trouble.RESET_BEFORE, 2_500, Trouble.CONFLICT, 2_500);

  @Test
  void aSeedGivesTheSamePlanInWhateverOrderTheActionsCome() {
    FaultPlan one = FaultPlan.of(7, HALF);
    FaultPlan other = FaultPlan.of(7, HALF);

    List<Fault> reads = faults(one, "GetItem", 100);
    List<Fault> writes = faults(one, "UpdateItem", 100);

    assertThat(faults(other, "UpdateItem", 100)).isEqualTo(writes);
    assertThat(faults(other, "GetItem", 100)).isEqualTo(reads).isNotEqualTo(writes);
    assertThat(faults(FaultPlan.of(8, HALF), "GetItem", 100)).isNotEqualTo(reads);
  }

  @Test
  void chancesAreKept() {
    List<Fault> faults = faults(FaultPlan.of(7, HALF), "GetItem", 10_000);

    assertThat(faults).filteredOn(Fault.PASS::equals).hasSizeBetween(4_800, 5_200);
    assertThat(faults).filteredOn(Trouble.CONFLICT.fault()::equals).hasSizeBetween(2_300, 2_700);
  }

  @Test
  void aScriptNamesTheCall() {
    FaultPlan plan = FaultPlan.of(List.of(new Planned("GetItem", 2, Trouble.RESET_AFTER)));

    assertThat(faults(plan, "UpdateItem", 2)).containsOnly(Fault.PASS);
    assertThat(faults(plan, "GetItem", 3))
        .containsExactly(Fault.PASS, Fault.DROP_ANSWER, Fault.PASS);
  }

  private static List<Fault> faults(FaultPlan plan, String action, int times) {
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      faults.add(plan.apply(new Call(Call.DYNAMODB, action, "{}")));
    }
    return faults;
  }
}
