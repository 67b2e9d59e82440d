package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.faults.Calls.Invoked;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.TestClock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A frozen environment keeps its connections, and the other side doesn't: the first call after the
 * thaw succeeds all the same, in each function and so on each client that there is.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class ThawIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final TestClock clock = new TestClock();
  private @Nullable LocalRun started;

  @BeforeAll
  void start() {
    Embedded.assume();
    started = Lane.run().clock(clock).withoutPollers().start();
  }

  @AfterAll
  void close() {
    if (started != null) {
      started.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theFirstCallAfterTheThawSucceeds(Calls call) throws Exception {
    LocalRun run = Objects.requireNonNull(started);
    try (Sandbox sandbox = Sandbox.of(run, call.functionId(), clock)) {
      sandbox.proxy().idleTimeout(Duration.ofMinutes(5));
      assertSucceeds(call, call.on(run, sandbox, clock, TIMEOUT));
      assertThat(sandbox.proxy().connections()).isPositive();

      sandbox.proxy().closeConnections();
      assertSucceeds(call, call.on(run, sandbox, clock, TIMEOUT));

      // state that a gateway in between has dropped: a reset when it is used again
      sandbox.proxy().forgetConnections();
      assertSucceeds(call, call.on(run, sandbox, clock, TIMEOUT));

      sandbox.proxy().closeConnections();
      await().until(() -> sandbox.proxy().connections() == 0);
      sandbox.proxy().idleTimeout(Duration.ofMillis(100));
      assertSucceeds(call, call.on(run, sandbox, clock, TIMEOUT));
      await().until(() -> sandbox.proxy().connections() == 0);
      assertSucceeds(call, call.on(run, sandbox, clock, TIMEOUT));
    }
  }

  /**
   * Ten connections are stale, and the one call of the next batch may take four of them, one after
   * the other: then its job comes again. On Lambda the client has by then thrown away what was idle
   * for fifteen seconds, which here would have to be waited for.
   */
  @Test
  void aLoneJobAfterAFullBatchIsDoneAtItsNextDelivery() throws Exception {
    LocalRun run = Objects.requireNonNull(started);
    try (Sandbox sandbox = Sandbox.of(run, Calls.RECORD_BATCH.functionId(), clock)) {
      assertSucceeds(Calls.RECORD_BATCH, Calls.RECORD_BATCH.on(run, sandbox, clock, TIMEOUT));
      int stale = sandbox.proxy().connections();
      byte[] event = Calls.RECORD_ONE.event(run, clock);
      sandbox.proxy().forgetConnections();

      Invoked invoked = Calls.invoke(sandbox, event, TIMEOUT);
      for (int more = stale; more > 4 && !Calls.RECORD_ONE.succeeded(invoked); more -= 4) {
        invoked = Calls.invoke(sandbox, event, TIMEOUT);
      }

      assertSucceeds(Calls.RECORD_ONE, invoked);
    }
  }

  private static void assertSucceeds(Calls call, Invoked invoked) {
    assertThat(call.succeeded(invoked)).as(invoked.toString()).isTrue();
    assertThat(invoked.took()).isLessThan(TIMEOUT);
  }
}
