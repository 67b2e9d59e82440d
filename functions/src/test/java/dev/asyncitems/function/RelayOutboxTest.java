package dev.asyncitems.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.asyncitems.call.Unavailable;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.outbox.Relay.Report;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RelayOutboxTest {
  private final Unavailable away = new Unavailable("SQS answered 503");
  private static final Report DISPATCHED =
      new Report(3, Duration.ofMinutes(2), 2, 0, 1, Optional.empty());
  private final Report failed = new Report(4, Duration.ofMinutes(9), 0, 4, 0, Optional.of(away));

  @Test
  void aTaskThatFailsAltogetherFailsTheRunWhateverTheOthersDid() {
    var done = RelayOutbox.done(List.of(DISPATCHED, failed));
    assertThat(done.error().orElseThrow())
        .isInstanceOf(Unavailable.class)
        .hasMessage("failed to dispatch any of 4 due entries")
        .hasCause(away);
    assertThat(done.metrics()).as("of the others").containsEntry(Metric.DISPATCHED, 2L);
  }

  @Test
  void theCountsOfAllTasksAreAddedUp() {
    Report half = new Report(4, Duration.ofMinutes(9), 1, 3, 0, Optional.of(away));
    var done = RelayOutbox.done(List.of(DISPATCHED, half));
    assertThat(done.counts())
        .containsExactly(
            entry("due", 7), entry("sent", 3), entry("notSent", 3), entry("gaveUp", 1));
    assertThat(done.metrics())
        .containsOnly(
            entry(Metric.OLDEST_DUE, 540_000L),
            entry(Metric.DISPATCHED, 3L),
            entry(Metric.FAILED, 1L));
    assertThat(done.failure()).contains(away);
    assertThat(done.error()).isEmpty();
  }

  @Test
  void aRunWithoutDueEntriesHasNoMetric() {
    assertThat(RelayOutbox.done(List.of(Report.NOTHING)).metrics()).isEmpty();
  }
}
