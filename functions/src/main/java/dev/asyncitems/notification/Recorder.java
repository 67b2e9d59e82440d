package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.notification.NotificationQueue.Delivery;
import dev.asyncitems.notification.NotificationStore.Logging;
import dev.asyncitems.value.Times;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The background task: logs the notification that a job names, once, however often the job is
 * delivered. Safe for use by any number of threads.
 */
public final class Recorder {
  /** The time kept back from logging, for what a failed attempt still has to do. */
  static final Duration AFTERMATH = Duration.ofSeconds(3);

  private static final Duration FIRST_DELAY = Duration.ofSeconds(5);
  private static final Duration MAX_DELAY = Duration.ofMinutes(15);

  private final NotificationStore store;
  private final NotificationQueue queue;
  private final DeadLetters deadLetters;
  private final int maxDeliveries;
  private final Optional<Duration> retention;
  private final Clock clock;
  private final Supplier<? extends RandomGenerator> random;

  /**
   * @param maxDeliveries after how many deliveries the queue gives a job up
   * @param retention how long logged notifications are kept; empty for ever
   * @param random gives a generator that the calling thread may use
   */
  public Recorder(
      NotificationStore store,
      NotificationQueue queue,
      DeadLetters deadLetters,
      int maxDeliveries,
      Optional<Duration> retention,
      Clock clock,
      Supplier<? extends RandomGenerator> random) {
    this.store = store;
    this.queue = queue;
    this.deadLetters = deadLetters;
    this.maxDeliveries = maxDeliveries;
    this.retention = retention;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Does one job.
   *
   * @param id the notification that the job names; empty when the job is malformed
   * @return what became of it; never fails
   */
  public CompletableFuture<Outcome> record(
      Delivery delivery, Optional<NotificationId> id, Deadline deadline) {
    return id.map(known -> log(delivery, known, deadline))
        .orElseGet(() -> giveUp(delivery, "the job is malformed", deadline))
        .exceptionallyCompose(failure -> retry(delivery, id, Futures.cause(failure), deadline));
  }

  private CompletableFuture<Outcome> log(Delivery delivery, NotificationId id, Deadline deadline) {
    // The id holds the time of acceptance: no clock that lags makes a log entry come before it.
    var at = Times.later(Times.now(clock), id.time());
    return store
        .log(id, at, delivery.count(), retention.map(at::plus), deadline.less(AFTERMATH))
        .thenCompose(logging ->
            switch (logging) {
              case LOGGED, REPLAYED ->
                  CompletableFuture.completedFuture(
                      new Outcome.Logged(
                          Duration.between(id.time(), at), logging == Logging.REPLAYED));
              case ALREADY_LOGGED -> CompletableFuture.completedFuture(new Outcome.AlreadyLogged());
              case UNKNOWN -> giveUp(delivery, "no notification has the job's id", deadline);
            });
  }

  private CompletableFuture<Outcome> giveUp(Delivery delivery, String reason, Deadline deadline) {
    return deadLetters
        .put(delivery, reason, deadline.less(AFTERMATH))
        .thenApply(Outcome.DeadLettered::new);
  }

  // What it does is best effort: a row that isn't marked stays queued, and the relay sees to it; a
  // delivery that isn't delayed comes back when the queue's own visibility timeout ends.
  private CompletableFuture<Outcome> retry(
      Delivery delivery, Optional<NotificationId> id, Throwable cause, Deadline deadline) {
    boolean last = delivery.count() >= maxDeliveries;
    CompletableFuture<Boolean> marked =
        last && id.isPresent()
            ? store
                .fail(
                    id.get(),
                    reason(cause, delivery.count()),
                    Times.later(Times.now(clock), id.get().time()),
                    delivery.count(),
                    deadline)
                .exceptionally(unmarked -> false)
            : CompletableFuture.completedFuture(false);
    Duration delay = last ? Duration.ZERO : delay(delivery.count());
    return marked.thenCombine(
        queue.deliverAgain(delivery, delay, deadline).handle((delayed, failure) -> failure == null),
        (failed, delayed) -> new Outcome.Retry(cause, failed));
  }

  private static String reason(Throwable cause, int count) {
    String what =
        switch (cause) {
          case Unavailable unavailable -> "the store was unavailable";
          case DeadlineExceeded passed -> "the time ran out";
          default -> "an internal error occurred";
        };
    return what + " at the last of " + count + " attempts";
  }

  /** 5 s doubling to 15 min, of which at least half is kept. */
  Duration delay(int count) {
    int doublings = Math.min(Math.max(0, count - 1), 10);
    long full = Math.min(FIRST_DELAY.toSeconds() << doublings, MAX_DELAY.toSeconds());
    return Duration.ofSeconds(full - random.get().nextLong(full / 2 + 1));
  }

  /** What became of a job. */
  public sealed interface Outcome {
    /**
     * The notification is logged now.
     *
     * @param age from when it was accepted
     * @param replayed whether it had failed before
     */
    record Logged(Duration age, boolean replayed) implements Outcome {}

    /** It was logged before: a duplicate. */
    record AlreadyLogged() implements Outcome {}

    /** It can't succeed, and lies on the dead-letter queue. */
    record DeadLettered(String reason) implements Outcome {}

    /**
     * It failed this time, and the queue is to deliver it again or to give it up.
     *
     * @param markedFailed whether the notification is failed now
     */
    record Retry(Throwable cause, boolean markedFailed) implements Outcome {}
  }
}
