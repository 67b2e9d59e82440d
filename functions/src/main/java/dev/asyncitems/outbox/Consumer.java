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

/** Runs a task for each delivery of its message. Thread-safe. */
public final class Consumer {
  /** The time kept back from the task, to record that its attempt failed. */
  static final Duration AFTERMATH = Duration.ofSeconds(3);

  /** The part of it that is left for the queue, to delay the message. */
  static final Duration DELAYING = Duration.ofSeconds(1);

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
   * @param id the row that the message names; empty when the message is malformed
   * @param name names this delivery, and no other
   * @param count how often the message has been delivered, this time included, from 1
   */
  public record Delivery(Optional<UUID> id, String name, int count) {}

  /** What the queue is to do with a message, and why. */
  public sealed interface Outcome {
    /**
     * The task took effect: delete the message.
     *
     * @param age the time from the acceptance to the effect
     * @param replayed whether the task had failed before
     */
    record Done(Duration age, boolean replayed) implements Outcome {}

    /** The message is a duplicate: delete it. */
    record AlreadyDone() implements Outcome {}

    /** The message cannot succeed: move it to the dead-letter queue, with the reason. */
    record Rejected(String reason) implements Outcome {}

    /**
     * The attempt failed: deliver the message again after the delay, or give it up if this was its
     * last delivery.
     *
     * @param failed whether the row is marked failed now
     */
    record Retry(Duration delay, Throwable cause, boolean failed) implements Outcome {}
  }

  /** Runs the task for one delivery. The future never fails. */
  public CompletableFuture<Outcome> process(Delivery delivery, Deadline deadline) {
    return delivery
        .id()
        .map(id -> run(id, delivery, deadline))
        .orElseGet(() ->
            CompletableFuture.completedFuture(new Outcome.Rejected("the message is malformed")));
  }

  /** Returns the delay before a message that could not be dead-lettered is delivered again. */
  public Duration delay(Delivery delivery) {
    return redelivery.delay(delivery.count());
  }

  private CompletableFuture<Outcome> run(UUID id, Delivery delivery, Deadline deadline) {
    // The id holds the time of acceptance: a clock that lags must not put the effect before it.
    Instant at = Times.later(Times.now(clock), UuidV7.time(id));
    return Futures.call(
            () -> task.run(id, new Attempt(delivery.name(), at), deadline.less(AFTERMATH)))
        .thenApply(effect -> outcome(effect, Duration.between(UuidV7.time(id), at)))
        .exceptionallyCompose(failure -> retry(id, at, delivery, Futures.cause(failure), deadline));
  }

  private static Outcome outcome(Effect effect, Duration age) {
    return switch (effect) {
      case DONE -> new Outcome.Done(age, false);
      case REPLAYED -> new Outcome.Done(age, true);
      case ALREADY_DONE -> new Outcome.AlreadyDone();
      case UNKNOWN -> new Outcome.Rejected("no row has the message's id");
    };
  }

  // Best effort: an entry that is not marked stays queued, and the relay dispatches it again.
  private CompletableFuture<Outcome> retry(
      UUID id, Instant at, Delivery delivery, Throwable cause, Deadline deadline) {
    Duration delay = redelivery.delay(delivery.count());
    if (!delay.isZero()) {
      return store
          .recordFailure(id, delivery.name(), reason(cause), deadline.less(DELAYING))
          .handle((recorded, unrecorded) -> new Outcome.Retry(delay, cause, false));
    }
    String reason = reason(cause) + " at the last of " + delivery.count() + " deliveries";
    return store
        .fail(id, delivery.name(), reason, at, deadline.less(DELAYING))
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
