package dev.asyncitems.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.outbox.OutboxEntry;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.trace.TraceContext;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

final class OutboxAttributesTest {
  private static final Instant TIME = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final UUID LEAST = new UUID(0, 0);
  private static final UUID GREATEST = new UUID(-1, -1);

  @Test
  void partitionsAreByStatusAndShard() {
    assertThat(OutboxAttributes.partition(TaskStatus.QUEUED, 0)).isEqualTo("queued#0");
    assertThat(OutboxAttributes.partition(TaskStatus.FAILED, 12))
        .isEqualTo("failed#12")
        .startsWith(OutboxAttributes.partitions(TaskStatus.FAILED));
  }

  @Test
  void placesSortByTimeAndThenById() {
    assertThat(OutboxAttributes.at(TIME, LEAST))
        .isEqualTo("2026-01-15T09:32:00.123Z#00000000-0000-0000-0000-000000000000")
        .isLessThan(OutboxAttributes.at(TIME, GREATEST));
    assertThat(OutboxAttributes.at(TIME, GREATEST))
        .isLessThan(OutboxAttributes.at(TIME.plusMillis(1), LEAST));
  }

  @Test
  void behindATimeIsBehindAllOfItsPlacesAndBeforeAllLaterOnes() {
    assertThat(OutboxAttributes.behind(TIME))
        .isGreaterThan(OutboxAttributes.at(TIME, GREATEST))
        .isLessThan(OutboxAttributes.at(TIME.plusMillis(1), LEAST));
  }

  @Test
  void aQueuedRowIsWrittenWithItsEntryAndReadBack() {
    OutboxEntry entry =
        new OutboxEntry(
            GREATEST,
            TIME,
            0,
            TraceContext.of("request-1", "Root=1-5759e988-bd862e3fe1be46a994272793"));
    Map<String, AttributeValue> row =
        OutboxAttributes.SCHEMA.itemToMap(OutboxAttributes.queued(entry, 3), true);
    assertThat(row)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "status", AttributeValue.fromS("queued"),
                "outbox", AttributeValue.fromS("queued#3"),
                "nextDispatchAt", AttributeValue.fromS(OutboxAttributes.at(TIME, GREATEST)),
                "requestId", AttributeValue.fromS("request-1"),
                "traceHeader", AttributeValue.fromS("Root=1-5759e988-bd862e3fe1be46a994272793")));
    OutboxAttributes read = OutboxAttributes.SCHEMA.mapToItem(row);
    assertThat(read.hasSortKey(GREATEST)).isTrue();
    assertThat(read.time()).isEqualTo(TIME);
    assertThat(read.entry(GREATEST)).isEqualTo(entry);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "#",
        "2026-01-15T09:32:00.123Z",
        "2026-01-15T09:32:00.123Z#",
        "2026-01-15T09:32:00.123Z#00000000-0000-0000-0000-000000000001",
        "2026-01-15T09:32:00Z#00000000-0000-0000-0000-000000000000",
        "soon#00000000-0000-0000-0000-000000000000",
        "00000000-0000-0000-0000-000000000000"
      })
  void anyOtherPlaceIsNone(String place) {
    assertThat(read(Map.of("nextDispatchAt", AttributeValue.fromS(place))).hasSortKey(LEAST))
        .isFalse();
  }

  @Test
  void aRowWithoutTheseAttributesIsQueuedAndNeverTried() {
    OutboxAttributes none = new OutboxAttributes();
    assertThat(none.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(none.task(LEAST, "data"))
        .isEqualTo(
            new Task<>(LEAST, "data", TaskStatus.QUEUED, 0, Optional.empty(), Optional.empty()));
    assertThat(none.sortKey()).isEmpty();
    assertThat(none.hasSortKey(LEAST)).isFalse();
  }

  @Test
  void oddValuesAreReadAsTheNearestSoundOnes() {
    OutboxAttributes odd =
        read(
            Map.of(
                "status", AttributeValue.fromS("sent"),
                "attempts", AttributeValue.fromN("-3"),
                "doneAt", AttributeValue.fromS("today"),
                "dispatches", AttributeValue.fromN("-1"),
                "nextDispatchAt", AttributeValue.fromS(OutboxAttributes.at(TIME, LEAST)),
                "requestId", AttributeValue.fromS("a request")));
    assertThat(odd.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(odd.task(LEAST, "data").attempts()).isZero();
    assertThat(odd.task(LEAST, "data").doneAt()).isEmpty();
    assertThat(odd.entry(LEAST)).isEqualTo(new OutboxEntry(LEAST, TIME, 0, TraceContext.UNKNOWN));
  }

  @Test
  void countsAndTheFailureAreRead() {
    OutboxAttributes failed =
        read(
            Map.of(
                "status", AttributeValue.fromS("failed"),
                "attempts", AttributeValue.fromN("8"),
                "dispatches", AttributeValue.fromN("2"),
                "failure", AttributeValue.fromS("why"),
                "nextDispatchAt", AttributeValue.fromS(OutboxAttributes.at(TIME, LEAST))));
    assertThat(failed.task(LEAST, "data"))
        .isEqualTo(
            new Task<>(LEAST, "data", TaskStatus.FAILED, 8, Optional.empty(), Optional.of("why")));
    assertThat(failed.entry(LEAST).dispatches()).isEqualTo(2);
  }

  private static OutboxAttributes read(Map<String, AttributeValue> row) {
    return OutboxAttributes.SCHEMA.mapToItem(row, false);
  }
}
