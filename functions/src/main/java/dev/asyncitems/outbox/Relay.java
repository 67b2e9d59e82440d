package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Dispatches the entries of one kind of task that are due, so that no task is lost when its message
 * was. Thread-safe; runs may overlap.
 *
 * <p>An entry is leased before its message is sent: overlapping runs, or a store that rejects
 * writes, never send the same message again and again.
 */
public final class Relay {
  /** How many entries a run takes at most. */
  static final int ENTRIES_A_RUN = 4_000;

  /** After how many dispatches an entry is given up. */
  static final int MAX_DISPATCHES = 12;

  // A lease moves the entry within its index, which is two index writes: 400 a second at most.
  private static final int ENTRIES_AT_ONCE = 200;
  private static final Duration PACE = Duration.ofSeconds(1);

  private final OutboxStore store;
  private final TaskQueue queue;
  private final DeadLetters deadLetters;
  private final Duration messageLife;
  private final Observer observer;
  private final Pacer pacer;
  private final Clock clock;

  /**
   * @param messageLife how long the queue may still deliver a message that it has accepted, at most
   */
  public Relay(
      OutboxStore store,
      TaskQueue queue,
      DeadLetters deadLetters,
      Duration messageLife,
      Observer observer,
      Pacer pacer,
      Clock clock) {
    this.store = store;
    this.queue = queue;
    this.deadLetters = deadLetters;
    this.messageLife = messageLife;
    this.observer = observer;
    this.pacer = pacer;
    this.clock = clock;
  }

  /** Learns what a run did with an entry, on any thread. */
  public interface Observer {
    /** The queue has accepted an entry's message. */
    void dispatched(OutboxEntry entry);

    /** An entry's row is marked failed. */
    void gaveUp(OutboxEntry entry);
  }

  /** Pauses without holding a thread. */
  @FunctionalInterface
  public interface Pacer {
    CompletableFuture<Void> pause(Duration pause);
  }

  /**
   * Dispatches the entries that are due, the earliest first. Ends early, between batches, when the
   * time runs out or a batch fails altogether.
   */
  public CompletableFuture<Report> run(Deadline deadline) {
    Instant now = Times.now(clock);
    return store
        .due(now, ENTRIES_A_RUN, deadline)
        .thenCompose(due -> batches(due, 0, Report.of(due, now), deadline));
  }

  private CompletableFuture<Report> batches(
      List<OutboxEntry> due, int from, Report before, Deadline deadline) {
    if (from >= due.size() || deadline.passed()) {
      return CompletableFuture.completedFuture(before);
    }
    int to = Math.min(from + ENTRIES_AT_ONCE, due.size());
    return batch(due.subList(from, to), deadline)
        .thenCompose(report -> {
          Report sum = before.plus(report);
          if (to >= due.size() || report.failedAltogether()) {
            return CompletableFuture.completedFuture(sum);
          }
          return pacer.pause(PACE).thenCompose(paused -> batches(due, to, sum, deadline));
        });
  }

  private CompletableFuture<Report> batch(List<OutboxEntry> entries, Deadline deadline) {
    Instant now = Times.now(clock);
    List<CompletableFuture<Step>> steps =
        entries.stream()
            .map(entry ->
                (entry.dispatches() >= MAX_DISPATCHES
                        ? giveUp(entry, now, deadline)
                        : lease(entry, now.plus(messageLife), deadline))
                    .exceptionally(failure -> Step.failed(Futures.cause(failure))))
            .toList();
    return Futures.all(steps)
        .thenCompose(done -> {
          Report report = done.stream().map(Step::report).reduce(Report.NOTHING, Report::plus);
          List<OutboxEntry> leased = done.stream().flatMap(step -> step.leased().stream()).toList();
          return send(leased, deadline).thenApply(report::plus);
        });
  }

  private CompletableFuture<Step> lease(OutboxEntry entry, Instant until, Deadline deadline) {
    return store
        .lease(entry, until, deadline)
        .thenApply(leased -> leased ? Step.leased(entry.leasedUntil(until)) : Step.NOTHING);
  }

  private CompletableFuture<Report> send(List<OutboxEntry> leased, Deadline deadline) {
    if (leased.isEmpty()) {
      return CompletableFuture.completedFuture(Report.NOTHING);
    }
    return queue
        .send(leased, deadline)
        .thenCompose(sent -> {
          List<OutboxEntry> unsent = sent.unsent(leased);
          leased.stream().filter(entry -> !unsent.contains(entry)).forEach(observer::dispatched);
          return Outbox.retrySoon(store, unsent, clock, deadline)
              .thenApply(postponed ->
                  new Report(
                      0,
                      Duration.ZERO,
                      leased.size() - unsent.size(),
                      unsent.size(),
                      0,
                      sent.failure()));
        });
  }

  // The row first: a letter without a failed row would be one too many.
  private CompletableFuture<Step> giveUp(OutboxEntry entry, Instant now, Deadline deadline) {
    String reason = "not done although its message was sent " + MAX_DISPATCHES + " times";
    return store
        .giveUp(entry, reason, now, deadline)
        .thenCompose(marked -> {
          if (!marked) {
            return CompletableFuture.completedFuture(Step.NOTHING);
          }
          observer.gaveUp(entry);
          return deadLetters
              .put(entry, reason, deadline)
              .handle(
                  (put, failure) -> Step.gaveUp(Optional.ofNullable(failure).map(Futures::cause)));
        });
  }

  /** What became of one entry before anything was sent. */
  private record Step(Optional<OutboxEntry> leased, Report report) {
    static final Step NOTHING = new Step(Optional.empty(), Report.NOTHING);

    static Step leased(OutboxEntry entry) {
      return new Step(Optional.of(entry), Report.NOTHING);
    }

    static Step gaveUp(Optional<Throwable> letterFailure) {
      return new Step(Optional.empty(), new Report(0, Duration.ZERO, 0, 0, 1, letterFailure));
    }

    static Step failed(Throwable failure) {
      return new Step(
          Optional.empty(), new Report(0, Duration.ZERO, 0, 1, 0, Optional.of(failure)));
    }
  }

  /**
   * What a run did.
   *
   * @param due how many entries were due
   * @param oldest the age of the oldest due entry's task; zero if none was due
   * @param dispatched how many messages the queue accepted
   * @param failed how many entries could be neither dispatched nor given up
   * @param gaveUp how many rows were marked failed
   * @param failure the first call that failed, if any
   */
  public record Report(
      int due,
      Duration oldest,
      int dispatched,
      int failed,
      int gaveUp,
      Optional<Throwable> failure) {
    /** No entry was due. */
    public static final Report NOTHING = new Report(0, Duration.ZERO, 0, 0, 0, Optional.empty());

    static Report of(List<OutboxEntry> due, Instant now) {
      Duration oldest =
          due.stream()
              .map(entry -> Duration.between(UuidV7.time(entry.id()), now))
              .max(Duration::compareTo)
              .orElse(Duration.ZERO);
      return new Report(due.size(), oldest, 0, 0, 0, Optional.empty());
    }

    /** Returns whether entries could be neither dispatched nor given up, and no other could. */
    public boolean failedAltogether() {
      return failed > 0 && dispatched + gaveUp == 0;
    }

    /** Returns the report of both runs. */
    public Report plus(Report other) {
      return new Report(
          due + other.due,
          oldest.compareTo(other.oldest) < 0 ? other.oldest : oldest,
          dispatched + other.dispatched,
          failed + other.failed,
          gaveUp + other.gaveUp,
          failure.or(other::failure));
    }
  }
}
