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
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The consumer of one kind of task. It runs a task for each delivered message. Thread-safe. */
public final class Consumer {
  /**
   * The time reserved for recording a failed attempt and then delaying or dead-lettering the
   * message.
   */
  static final Duration FAILURE_RESERVE = Duration.ofSeconds(3);

  /** The part of {@link #FAILURE_RESERVE} for delaying or dead-lettering the message. */
  static final Duration MESSAGE_RESERVE = Duration.ofSeconds(1);

  private static final String STOPPED = "the function stopped";

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
     * @param replayed whether the task had been marked failed, so that this delivery is a replay
     */
    record Done(Duration age, boolean replayed) implements Outcome {}

    /** The task had taken effect before or was deleted. The message must be deleted. */
    record AlreadyDone() implements Outcome {}

    /** The message cannot succeed. It must go to the dead-letter queue, with the reason. */
    record Hopeless(String reason) implements Outcome {}

    /**
     * The attempts are used up, and the row is marked failed. The message must go to the
     * dead-letter queue, with the reason.
     *
     * @param cause the failure of the last attempt
     */
    record GivenUp(String reason, Throwable cause) implements Outcome {}

    /**
     * The attempt failed. The message must be delivered again after the delay, unless this was its
     * last delivery.
     */
    record Retry(Duration delay, Throwable cause) implements Outcome {}
  }

  /** Runs the task for one delivery. The future never fails. */
  public CompletableFuture<Outcome> process(Delivery delivery, Deadline deadline) {
    return delivery
        .id()
        .map(id -> new Run(id, delivery, deadline))
        .map(run -> isSuspect(delivery) ? run.recorded() : run.start(false))
        .orElseGet(() ->
            CompletableFuture.completedFuture(new Outcome.Hopeless("the message is malformed")));
  }

  /**
   * Returns whether the message may have killed its function at earlier deliveries. It must be
   * processed when no other suspect is, so that only its own attempts are used up.
   */
  public boolean isSuspect(Delivery delivery) {
    return redelivery.isSuspect(delivery.count());
  }

  /** Returns the delay before the next delivery of a message that could not be dead-lettered. */
  public Duration delay(Delivery delivery) {
    return delay(delivery, delivery.count());
  }

  // After the last delivery, the queue moves the message to the dead-letter queue without delay.
  private Duration delay(Delivery delivery, int tries) {
    return redelivery.isLast(delivery.count()) ? Duration.ZERO : redelivery.delay(tries);
  }

  /** The processing of one delivery. */
  private final class Run {
    private final UUID id;
    private final Delivery delivery;
    private final Deadline deadline;
    private final Instant at;

    Run(UUID id, Delivery delivery, Deadline deadline) {
      this.id = id;
      this.delivery = delivery;
      this.deadline = deadline;
      // The id holds the time of acceptance. A slow clock must not put the effect before that time.
      at = Times.later(Times.now(clock), UuidV7.time(id));
    }

    /**
     * Records the start of an attempt in the row, then runs the task. Gives up instead if the
     * attempts are used up.
     */
    CompletableFuture<Outcome> recorded() {
      Deadline forTask = deadline.less(FAILURE_RESERVE);
      return Futures.call(() -> store.recordStart(id, delivery.name(), STOPPED, forTask))
          .thenCompose(used ->
              used.orElse(0) > redelivery.maxAttempts()
                  ? giveUp(STOPPED, new IllegalStateException(STOPPED + " at earlier attempts"))
                  : start(true))
          .exceptionallyCompose(failure -> ended(OptionalInt.empty(), Futures.cause(failure)));
    }

    CompletableFuture<Outcome> start(boolean recorded) {
      Deadline forTask = deadline.less(FAILURE_RESERVE);
      Attempt attempt = new Attempt(delivery.name(), at);
      return Futures.callUntil(forTask, () -> task.run(id, attempt, forTask))
          .thenApply(this::succeeded)
          .exceptionallyCompose(failure -> failed(Futures.cause(failure), recorded));
    }

    private Outcome succeeded(Effect effect) {
      Duration age = Duration.between(UuidV7.time(id), at);
      return switch (effect) {
        case DONE -> new Outcome.Done(age, false);
        case REPLAYED -> new Outcome.Done(age, true);
        case ALREADY_DONE -> new Outcome.AlreadyDone();
        case UNKNOWN -> new Outcome.Hopeless("no row has the message's id");
      };
    }

    // The writes to the store are best effort. A delivery whose attempt is not recorded uses up no
    // attempt. If a row cannot be marked failed, it stays queued, and the relay dispatches its
    // entry again.
    private CompletableFuture<Outcome> failed(Throwable cause, boolean recorded) {
      return store
          .recordFailure(id, delivery.name(), recorded, reason(cause), forStore())
          .exceptionally(unrecorded -> OptionalInt.empty())
          .thenCompose(used -> ended(used, cause));
    }

    private CompletableFuture<Outcome> ended(OptionalInt used, Throwable cause) {
      return redelivery.isLast(delivery.count()) || used.orElse(0) >= redelivery.maxAttempts()
          ? giveUp(reason(cause), cause)
          : CompletableFuture.completedFuture(retry(used, cause));
    }

    private CompletableFuture<Outcome> giveUp(String reason, Throwable cause) {
      String last =
          redelivery.isLast(delivery.count())
              ? delivery.count() + " deliveries"
              : redelivery.maxAttempts() + " attempts";
      String full = reason + " at the last of " + last;
      return store
          .fail(id, delivery.name(), full, at, forStore())
          .exceptionally(unmarked -> false)
          .thenApply(failed ->
              failed ? new Outcome.GivenUp(full, cause) : retry(OptionalInt.empty(), cause));
    }

    // Attempts that cannot be recorded must be delayed longer and longer too.
    private Outcome retry(OptionalInt used, Throwable cause) {
      return new Outcome.Retry(delay(delivery, used.orElse(delivery.count())), cause);
    }

    private Deadline forStore() {
      return deadline.less(MESSAGE_RESERVE);
    }
  }

  private static String reason(Throwable cause) {
    return switch (cause) {
      case Unavailable unavailable -> "the store was unavailable";
      case DeadlineExceeded exceeded -> "the time ran out";
      default -> "an internal error occurred";
    };
  }
}
