package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Futures;
import dev.asyncitems.notification.NotificationQueue.Enqueued;
import dev.asyncitems.notification.NotificationStore.Waiting;
import dev.asyncitems.value.Times;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Enqueues the jobs of notifications that still wait when their turn has come, so that none is lost
 * when the queue was away or lost a job. Safe for use by any number of threads, and by runs that
 * overlap.
 *
 * <p>It never multiplies a backlog: a run takes a bounded number, the earliest turns first, and a
 * row's next turn is twice as far away each time.
 */
public final class Relay {
  /** How many rows a run takes at most. */
  static final int ROWS_A_RUN = 4_000;

  /** After how many turns a notification is given up. */
  static final int MAX_TURNS = 12;

  /** How many rows are under way at once. */
  private static final int ROWS_AT_ONCE = 200;

  private static final Duration MAX_PAUSE = Duration.ofHours(1);

  private final NotificationStore store;
  private final NotificationQueue queue;
  private final DeadLetters deadLetters;
  private final Observer observer;
  private final Clock clock;

  public Relay(
      NotificationStore store,
      NotificationQueue queue,
      DeadLetters deadLetters,
      Observer observer,
      Clock clock) {
    this.store = store;
    this.queue = queue;
    this.deadLetters = deadLetters;
    this.observer = observer;
    this.clock = clock;
  }

  /** Is told of rows as a run has worked on them; by any thread. */
  public interface Observer {
    /** The queue has taken a row's job. */
    void enqueued(Waiting row);

    /** A row is marked failed, and its job dead-lettered. */
    void gaveUp(Waiting row);
  }

  /** One run, which ends early, between rows, when its time runs out. */
  public CompletableFuture<Report> run(Deadline deadline) {
    Instant now = Times.now(clock);
    return store
        .due(now, ROWS_A_RUN, deadline)
        .thenCompose(due -> work(due, 0, Report.of(due, now), now, deadline));
  }

  private CompletableFuture<Report> work(
      List<Waiting> due, int from, Report before, Instant now, Deadline deadline) {
    if (from >= due.size() || deadline.passed()) {
      return CompletableFuture.completedFuture(before);
    }
    int to = Math.min(from + ROWS_AT_ONCE, due.size());
    var turns =
        due.subList(from, to).stream()
            .collect(Collectors.partitioningBy(waiting -> waiting.turns() >= MAX_TURNS));
    List<Waiting> next = turns.getOrDefault(false, List.of());
    return enqueue(next, now, deadline)
        .thenCombine(
            giveUp(turns.getOrDefault(true, List.of()), now, deadline),
            (moved, given) ->
                before.plus(
                    moved.rows(),
                    next.size() - moved.rows() + given.refused(),
                    given.up(),
                    moved.failure().or(given::failure)))
        .thenCompose(report -> work(due, to, report, now, deadline));
  }

  /** How many rows have another turn, and why one has not. */
  private record Moved(int rows, Optional<Throwable> failure) {}

  private CompletableFuture<Moved> enqueue(List<Waiting> rows, Instant now, Deadline deadline) {
    if (rows.isEmpty()) {
      return CompletableFuture.completedFuture(new Moved(0, Optional.empty()));
    }
    return queue
        .enqueueAll(rows.stream().map(Waiting::job).toList(), deadline)
        .thenCompose(enqueued -> postpone(rows, enqueued, now, deadline));
  }

  // A turn that can't be moved comes again: the job is enqueued once more, which does no harm.
  private CompletableFuture<Moved> postpone(
      List<Waiting> rows, Enqueued enqueued, Instant now, Deadline deadline) {
    List<CompletableFuture<Optional<Throwable>>> moves = new ArrayList<>();
    for (Waiting row : rows) {
      if (enqueued.taken().contains(row.id())) {
        observer.enqueued(row);
        Instant next = now.plus(pause(row.turns() + 1));
        moves.add(
            store
                .postpone(row, next, deadline)
                .handle((moved, failure) -> Optional.ofNullable(failure).map(Futures::cause)));
      }
    }
    return Futures.all(moves)
        .thenApply(failures ->
            new Moved(
                failures.size(),
                enqueued
                    .failure()
                    .or(() -> failures.stream().flatMap(Optional::stream).findFirst())));
  }

  // The job first: a row marked failed without its job could not be replayed.
  private CompletableFuture<Given> giveUp(List<Waiting> rows, Instant now, Deadline deadline) {
    String reason = "not logged although its job was enqueued " + MAX_TURNS + " times";
    List<CompletableFuture<Given>> marks = new ArrayList<>();
    for (Waiting row : rows) {
      marks.add(
          deadLetters
              .put(row.job(), reason, deadline)
              .thenCompose(put -> store.giveUp(row, reason, now, deadline))
              .thenApply(marked -> {
                if (marked) {
                  observer.gaveUp(row);
                }
                return new Given(marked ? 1 : 0, 0, Optional.empty());
              })
              .exceptionally(failure -> new Given(0, 1, Optional.of(Futures.cause(failure)))));
    }
    return Futures.all(marks)
        .thenApply(done -> done.stream().reduce(new Given(0, 0, Optional.empty()), Given::plus));
  }

  private record Given(int up, int refused, Optional<Throwable> failure) {
    Given plus(Given other) {
      return new Given(up + other.up, refused + other.refused, failure.or(other::failure));
    }
  }

  /** How long a notification waits for its next turn after so many: 1, 2, 4 ... 60 minutes. */
  static Duration pause(int turns) {
    Duration pause = Duration.ofMinutes(1L << Math.min(turns - 1, 6));
    return pause.compareTo(MAX_PAUSE) < 0 ? pause : MAX_PAUSE;
  }

  /**
   * What a run did.
   *
   * @param due how many rows it found whose turn had come
   * @param oldest the age of the oldest of these; zero without one
   * @param enqueued how many jobs the queue took
   * @param refused how many could be neither enqueued nor given up
   * @param gaveUp how many it marked failed
   * @param failure the first of the calls' that failed; empty if none did
   */
  public record Report(
      int due,
      Duration oldest,
      int enqueued,
      int refused,
      int gaveUp,
      Optional<Throwable> failure) {
    private static Report of(List<Waiting> due, Instant now) {
      Duration oldest =
          due.stream()
              .map(row -> Duration.between(row.id().time(), now))
              .max(Comparator.naturalOrder())
              .orElse(Duration.ZERO);
      return new Report(due.size(), oldest, 0, 0, 0, Optional.empty());
    }

    private Report plus(
        int moreEnqueued, int moreRefused, int moreGaveUp, Optional<Throwable> other) {
      return new Report(
          due,
          oldest,
          enqueued + moreEnqueued,
          refused + moreRefused,
          gaveUp + moreGaveUp,
          failure.or(() -> other));
    }
  }
}
