package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.asyncitems.faults.Calls.Invoked;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.FaultProxy.Fault;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A frozen environment keeps its connections, but the other side closes them. The first call after
 * the thaw must still succeed, in each function and with each client.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class ThawIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_ATTEMPTS = 4;

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

      // A gateway in between has dropped the connection, so the next use gets a reset.
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

  @ParameterizedTest
  @MethodSource
  void theFirstCallAfterABusyTimeAndAThawSucceeds(Calls busy, Calls call) throws Exception {
    LocalRun run = Objects.requireNonNull(started);
    try (Sandbox sandbox = Sandbox.of(run, busy.functionId(), clock)) {
      CountDownLatch atOnce = new CountDownLatch(2 * MAX_ATTEMPTS);
      sandbox
          .proxy()
          .always(
              "UpdateItem",
              (update, engine) -> {
                atOnce.countDown();
                return Fault.hold(atOnce).apply(update, engine);
              });
      assertSucceeds(busy, busy.on(run, sandbox, clock, TIMEOUT));
      assertThat(sandbox.proxy().connections()).isGreaterThanOrEqualTo(2 * MAX_ATTEMPTS);
      byte[] event = call.event(run, clock);

      sandbox.proxy().forgetConnections();

      assertSucceeds(call, Calls.invoke(sandbox, event, TIMEOUT));
    }
  }

  static List<Arguments> theFirstCallAfterABusyTimeAndAThawSucceeds() {
    return List.of(
        Arguments.of(Calls.CONSUME_BATCH, Calls.CONSUME_ONE),
        Arguments.of(Calls.CONSUME_BATCH, Calls.CONSUME_BATCH),
        Arguments.of(Calls.RELAY_BACKLOG, Calls.RELAY));
  }

  private static void assertSucceeds(Calls call, Invoked invoked) {
    assertThat(call.succeeded(invoked)).as(invoked.toString()).isTrue();
    assertThat(invoked.took()).isLessThan(TIMEOUT);
  }
}
