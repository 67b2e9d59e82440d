package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The consumer of one kind of task. It runs a task for each delivered message. Thread-safe. */
public final class Consumer {
  /** The time reserved for recording a failed attempt and then delaying the message. */
  static final Duration FAILURE_RESERVE = Duration.ofSeconds(3);

  /** The part of {@link #FAILURE_RESERVE} for delaying the message. */
  static final Duration DELAY_RESERVE = Duration.ofSeconds(1);

  private final BackgroundTask task;
  private final OutboxStore store;
  private final Redelivery redelivery;
  private final Clock clock;

  public Consumer(BackgroundTask task, OutboxStore store, Redelivery redelivery, Clock clock) {
    this.task = task;
    this.store = store;
    this.redelivery = redelivery;
    this.clock = clock;
  }

  /**
   * One delivery of a message.
   *
   * @param id the id of the row; empty if the message is malformed
   * @param name a unique name of the delivery
   * @param count the number of deliveries so far, from 1
   */
  public record Delivery(Optional<UUID> id, String name, int count) {}

  /** The result of a delivery, which decides what happens to the message. */
  public sealed interface Outcome {
    /**
     * The task took effect. The message must be deleted.
     *
     * @param age the time from acceptance to effect
     * @param replayed whether the task had failed before
     */
    record Done(Duration age, boolean replayed) implements Outcome {}

    /** The task had taken effect before. The message must be deleted. */
    record AlreadyDone() implements Outcome {}

    /** The message cannot succeed. It must go to the dead-letter queue, with the reason. */
    record Hopeless(String reason) implements Outcome {}

    /**
     * The attempt failed. The message must be delivered again after the delay, unless this was its
     * last delivery.
     *
     * @param failed whether the row is now marked failed
     */
    record Retry(Duration delay, Throwable cause, boolean failed) implements Outcome {}
  }

  /** Runs the task for one delivery. The future never fails. */
  public CompletableFuture<Outcome> process(Delivery delivery, Deadline deadline) {
    return delivery
        .id()
        .map(id -> run(id, delivery, deadline))
        .orElseGet(() ->
            CompletableFuture.completedFuture(new Outcome.Hopeless("the message is malformed")));
  }

  /** Returns the delay before the next delivery of a message that could not be dead-lettered. */
  public Duration delay(Delivery delivery) {
    return redelivery.delay(delivery.count());
  }

  private CompletableFuture<Outcome> run(UUID id, Delivery delivery, Deadline deadline) {
    // The id holds the time of acceptance. A slow clock must not put the effect before that time.
    Instant at = Times.later(Times.now(clock), UuidV7.time(id));
    Deadline forTask = deadline.less(FAILURE_RESERVE);
    return Futures.callUntil(forTask, () -> task.run(id, new Attempt(delivery.name(), at), forTask))
        .thenApply(effect -> outcome(effect, Duration.between(UuidV7.time(id), at)))
        .exceptionallyCompose(failure -> retry(id, at, delivery, Futures.cause(failure), deadline));
  }

  private static Outcome outcome(Effect effect, Duration age) {
    return switch (effect) {
      case DONE -> new Outcome.Done(age, false);
      case REPLAYED -> new Outcome.Done(age, true);
      case ALREADY_DONE -> new Outcome.AlreadyDone();
      case UNKNOWN -> new Outcome.Hopeless("no row has the message's id");
    };
  }

  // The writes to the store are best effort. If a row cannot be marked failed, it stays queued, and
  // the relay dispatches its entry again.
  private CompletableFuture<Outcome> retry(
      UUID id, Instant at, Delivery delivery, Throwable cause, Deadline deadline) {
    Duration delay = redelivery.delay(delivery.count());
    if (!delay.isZero()) {
      return store
          .recordFailure(id, delivery.name(), reason(cause), deadline.less(DELAY_RESERVE))
          .handle((recorded, unrecorded) -> new Outcome.Retry(delay, cause, false));
    }
    String reason = reason(cause) + " at the last of " + delivery.count() + " deliveries";
    Deadline forStore = deadline.less(DELAY_RESERVE);
    return store
        .fail(id, delivery.name(), reason, at, forStore)
        // The row of a replayed task is still failed. Then only the attempt must be recorded.
        .thenCompose(failed ->
            failed
                ? CompletableFuture.completedFuture(true)
                : store.recordFailure(id, delivery.name(), reason, forStore))
        .handle((failed, unmarked) -> new Outcome.Retry(delay, cause, unmarked == null && failed));
  }

  private static String reason(Throwable cause) {
    return switch (cause) {
      case Unavailable unavailable -> "the store was unavailable";
      case DeadlineExceeded exceeded -> "the time ran out";
      default -> "an internal error occurred";
    };
  }
}
