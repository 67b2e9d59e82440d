package dev.asyncitems.local.trigger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.asyncitems.local.SettableClock;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.template.Schedule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulesTest {

  private final SettableClock clock = new SettableClock(Instant.parse("2026-01-02T03:04:05.678Z"));
  private final Recorder recorder = new Recorder();

  /** Records events. Fails if the test says so. */
  private static final class Recorder implements Invoker, RunListener {

    final List<String> events = new ArrayList<>();
    final List<Boolean> ticks = new ArrayList<>();
    boolean fails;

    @Override
    public byte[] invoke(String functionId, byte[] event) {
      events.add(functionId + " " + new String(event, UTF_8));
      if (fails) {
        throw new IllegalStateException("scripted to fail");
      }
      return new byte[0];
    }

    @Override
    public void tick(String functionId, String scheduleId, boolean succeeded, Duration time) {
      ticks.add(succeeded);
    }
  }

  private Schedules schedules(Schedule... schedules) {
    return new Schedules(
        List.of(schedules), clock, "us-east-1", "000000000000", recorder, recorder);
  }

  private static Schedule every(String id, int minutes) {
    return new Schedule(id, "F" + id, Duration.ofMinutes(minutes), null, true);
  }

  @Test
  void firesFirstAfterOnePeriodThenOncePerPeriod() {
    Schedules schedules = schedules(every("A", 1));
    assertThat(schedules.fireDue()).isEmpty();
    clock.advance(Duration.ofSeconds(59));
    assertThat(schedules.fireDue()).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    assertThat(schedules.fireDue()).containsExactly("FA");
    assertThat(schedules.fireDue()).isEmpty();
    clock.advance(Duration.ofMinutes(1));
    assertThat(schedules.fireDue()).containsExactly("FA");
  }

  @Test
  void skipsMissedTicks() {
    Schedules schedules = schedules(every("A", 1), every("B", 60));
    clock.advance(Duration.ofMinutes(5).plusSeconds(30));
    assertThat(schedules.fireDue()).containsExactly("FA");
    clock.advance(Duration.ofSeconds(29));
    assertThat(schedules.fireDue()).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    assertThat(schedules.fireDue()).containsExactly("FA");
  }

  @Test
  void omitsDisabledSchedules() {
    Schedules schedules = schedules(new Schedule("A", "FA", Duration.ofMinutes(1), null, false));
    clock.advance(Duration.ofDays(1));
    assertThat(schedules.fireDue()).isEmpty();
  }

  @Test
  void aFailedTickIsNotRepeated() {
    Schedules schedules = schedules(every("A", 1));
    recorder.fails = true;
    clock.advance(Duration.ofMinutes(1));
    assertThat(schedules.fireDue()).containsExactly("FA");
    assertThat(schedules.fireDue()).isEmpty();
    assertThat(recorder.ticks).containsExactly(false);
  }

  @Test
  void theEventHasTheFormatOfEventBridge() throws IOException {
    clock.advance(Duration.ZERO);
    Schedules schedules = schedules(every("A", 1));
    clock.advance(Duration.ofMinutes(1));
    schedules.fireDue();
    JsonNode event = new JsonMapper().readTree(recorder.events.getFirst().substring(3));
    assertThat(event.path("version").asText()).isEqualTo("0");
    assertThat(event.path("id").asText()).hasSize(36);
    assertThat(event.path("detail-type").asText()).isEqualTo("Scheduled Event");
    assertThat(event.path("source").asText()).isEqualTo("aws.events");
    assertThat(event.path("account").asText()).isEqualTo("000000000000");
    assertThat(event.path("time").asText()).isEqualTo("2026-01-02T03:05:05Z");
    assertThat(event.path("region").asText()).isEqualTo("us-east-1");
    assertThat(event.path("resources").path(0).asText())
        .isEqualTo("arn:aws:events:us-east-1:000000000000:rule/FAA");
    assertThat(event.path("detail").isObject()).isTrue();
  }

  @Test
  void anInputReplacesTheEvent() {
    Schedules schedules =
        schedules(new Schedule("A", "FA", Duration.ofMinutes(1), "{\"a\":1}", true));
    clock.advance(Duration.ofMinutes(1));
    schedules.fireDue();
    assertThat(recorder.events).containsExactly("FA {\"a\":1}");
  }
}
