package dev.asyncitems.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.Script;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class LogNotificationTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:32:00.123Z");
  private static final NotificationId ID = NotificationId.at(NOW);
  private static final String CALL = "log " + ID + " by delivery-1 at 2026-01-15T09:32:00.123Z";

  private final Script script = new Script();
  private final ScriptedStore store = new ScriptedStore(script);
  private final Deadline deadline = Deadline.after(Duration.ofMinutes(1));

  @Test
  void aNotificationIsLoggedInOneWrite() {
    assertThat(run(Optional.empty())).isSameAs(store.log);
    assertThat(script.calls).containsExactly(CALL);
    assertThat(script.deadlines).containsExactly(deadline);
  }

  @Test
  void aLoggedNotificationExpiresIfARetentionIsSet() {
    assertThat(run(Optional.of(Duration.ofDays(30)))).isCompletedWithValue(Effect.DONE);
    assertThat(script.calls).containsExactly(CALL + " until 2026-02-14T09:32:00.123Z");
  }

  private CompletableFuture<Effect> run(Optional<Duration> retention) {
    return new LogNotification(store, retention)
        .run(ID.value(), new Attempt("delivery-1", NOW), deadline);
  }
}
