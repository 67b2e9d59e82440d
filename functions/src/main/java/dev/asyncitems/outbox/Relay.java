package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.call.Pause;
import dev.asyncitems.outbox.TaskQueue.Sent;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The outbox relay of one kind of task. It dispatches due entries, so that no task is lost when its
 * message is lost. It leases an entry before it sends the message. So it sends no message
 * repeatedly, even if runs overlap or the store rejects writes. Thread-safe.
 */
public final class Relay {
  /** The maximum number of entries that a run handles. */
  static final int ENTRIES_A_RUN = 4_000;

  /** The number of dispatches after which an entry's task is marked failed. */
  static final int MAX_DISPATCHES = 12;

  // A lease costs two index writes, so one batch a second costs at most 400 index writes a second.
  private static final int ENTRIES_AT_ONCE = 200;
  private static final Duration PACE = Duration.ofSeconds(1);

  // Even if the queue does not respond, time must remain to postpone the unsent entries.
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration POSTPONE_RESERVE = Duration.ofSeconds(3);

  private final OutboxStore store;
  private final TaskQueue queue;
  private final DeadLetters deadLetters;
  private final Duration messageLife;
  private final Observer observer;
  private final Pause pause;
  private final Clock clock;

  /** Creates a relay that leases each entry for {@link Redelivery#messageLife}. */
  public Relay(
      OutboxStore store,
      TaskQueue queue,
      DeadLetters deadLetters,
      Duration messageLife,
      Observer observer,
      Pause pause,
      Clock clock) {
    this.store = store;
    this.queue = queue;
    this.deadLetters = deadLetters;
    this.messageLife = messageLife;
    this.observer = observer;
    this.pause = pause;
    this.clock = clock;
  }

  /** An observer of runs. Any thread may call it, so it must be thread-safe. */
  public interface Observer {
    /** Reports that the queue accepted an entry's message. */
    void dispatched(OutboxEntry entry);

    /** Reports that an entry's row was marked failed. */
    void gaveUp(OutboxEntry entry);
  }

  /**
   * Dispatches the due entries in batches, earliest first. Starts no batch shortly before the
   * deadline, or after a batch in which entries failed and none succeeded.
   */
  public CompletableFuture<Report> run(Deadline deadline) {
    Instant now = Times.now(clock);
    return store
        .due(now, ENTRIES_A_RUN, deadline)
        .thenCompose(due -> batches(due, 0, Report.of(due, now), deadline));
  }

  private CompletableFuture<Report> batches(
      List<OutboxEntry> due, int from, Report before, Deadline deadline) {
    if (deadline.less(POSTPONE_RESERVE).passed()) {
      return CompletableFuture.completedFuture(before);
    }
    int to = Math.min(from + ENTRIES_AT_ONCE, due.size());
    return batch(due.subList(from, to), deadline)
        .thenCompose(report -> {
          Report sum = before.plus(report);
          if (to >= due.size() || report.failedAltogether()) {
            return CompletableFuture.completedFuture(sum);
          }
          return pause.of(PACE).thenCompose(paused -> batches(due, to, sum, deadline));
        });
  }

  private CompletableFuture<Report> batch(List<OutboxEntry> entries, Deadline deadline) {
    Instant now = Times.now(clock);
    Instant until = now.plus(messageLife);
    List<CompletableFuture<Lease>> leases = new ArrayList<>();
    List<CompletableFuture<Report>> givenUp = new ArrayList<>();
    for (OutboxEntry entry : entries) {
      if (entry.dispatches() < MAX_DISPATCHES) {
        leases.add(lease(entry, until, deadline));
      } else {
        givenUp.add(giveUp(entry, now, deadline));
      }
    }
    return Futures.all(leases)
        .thenCompose(all -> send(all, deadline))
        .thenCombine(
            Futures.all(givenUp), (sent, gaveUp) -> gaveUp.stream().reduce(sent, Report::plus));
  }

  private CompletableFuture<Lease> lease(OutboxEntry entry, Instant until, Deadline deadline) {
    OutboxEntry next = entry.leasedUntil(until);
    return store
        .lease(entry, until, deadline)
        .thenApply(taken -> new Lease(next, taken, Optional.empty()))
        .exceptionally(failure -> new Lease(next, false, Optional.of(Futures.cause(failure))));
  }

  // A lease whose call failed may have taken effect, so its entry is postponed like an unsent one.
  private CompletableFuture<Report> send(List<Lease> leases, Deadline deadline) {
    List<OutboxEntry> leased = leases.stream().filter(Lease::taken).map(Lease::entry).toList();
    List<Lease> unsure = leases.stream().filter(lease -> lease.failure().isPresent()).toList();
    CompletableFuture<Sent> sending =
        leased.isEmpty()
            ? CompletableFuture.completedFuture(Sent.NOTHING)
            : queue.send(leased, deadline.less(POSTPONE_RESERVE).orAfter(SEND_TIMEOUT));
    return sending.thenCompose(sent -> {
      List<OutboxEntry> unsent = sent.unsent(leased);
      leased.stream().filter(entry -> !unsent.contains(entry)).forEach(observer::dispatched);
      List<OutboxEntry> soon =
          Stream.concat(unsure.stream().map(Lease::entry), unsent.stream()).toList();
      Report report =
          new Report(
              0,
              Duration.ZERO,
              leased.size() - unsent.size(),
              soon.size(),
              0,
              unsure.stream().findFirst().flatMap(Lease::failure).or(sent::failure));
      return Outbox.retrySoon(store, soon, clock, deadline).thenApply(postponed -> report);
    });
  }

  // The row is marked first, so that no dead letter belongs to a queued row.
  private CompletableFuture<Report> giveUp(OutboxEntry entry, Instant now, Deadline deadline) {
    String reason = "not done although its message was sent " + MAX_DISPATCHES + " times";
    return store
        .giveUp(entry, reason, now, deadline)
        .thenCompose(marked -> {
          if (!marked) {
            return CompletableFuture.completedFuture(Report.NOTHING);
          }
          observer.gaveUp(entry);
          return deadLetters
              .put(entry, reason, deadline)
              .handle((put, failure) ->
                  Report.ofEntry(0, 1, Optional.ofNullable(failure).map(Futures::cause)));
        })
        .exceptionally(failure -> Report.ofEntry(1, 0, Optional.of(Futures.cause(failure))));
  }

  /** The lease of an entry. {@code taken} is false if the entry had changed or the call failed. */
  private record Lease(OutboxEntry entry, boolean taken, Optional<Throwable> failure) {}

  /**
   * The result of a run.
   *
   * @param due the number of due entries that the run read
   * @param oldest the time since the acceptance of the oldest due task; zero if no entry was due
   * @param dispatched the number of messages that the queue accepted
   * @param failed the number of entries whose lease, sending or marking failed
   * @param gaveUp the number of rows that were marked failed
   * @param failure the failure of the first call that failed, if any
   */
  public record Report(
      int due,
      Duration oldest,
      int dispatched,
      int failed,
      int gaveUp,
      Optional<Throwable> failure) {
    public static final Report NOTHING = new Report(0, Duration.ZERO, 0, 0, 0, Optional.empty());

    static Report of(List<OutboxEntry> due, Instant now) {
      Duration oldest =
          due.stream()
              .map(entry -> Duration.between(UuidV7.time(entry.id()), now))
              .max(Duration::compareTo)
              .orElse(Duration.ZERO);
      return new Report(due.size(), oldest, 0, 0, 0, Optional.empty());
    }

    private static Report ofEntry(int failed, int gaveUp, Optional<Throwable> failure) {
      return new Report(0, Duration.ZERO, 0, failed, gaveUp, failure);
    }

    /** Returns whether calls failed, and the relay neither dispatched nor gave up an entry. */
    public boolean failedAltogether() {
      return failed > 0 && dispatched + gaveUp == 0;
    }

    /** Returns the sum of both reports. */
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
