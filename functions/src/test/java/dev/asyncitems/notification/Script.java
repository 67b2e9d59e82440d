package dev.asyncitems.notification;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.Accepted;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.rejection.Result;
import dev.asyncitems.trace.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A store, a queue and a dead-letter queue that answer as a test tells them, and keep what they
 * were asked in the order in which it came. The test completes the futures it wants to.
 */
final class Script {
  /** What was asked, a word and what matters of it. */
  final List<String> calls = new ArrayList<>();

  /** With which deadlines, in the same order. */
  final List<Deadline> deadlines = new ArrayList<>();

  Function<Notification, CompletableFuture<Result<Accepted<Notification>>>> add =
      notification -> done(new Result.Done<>(new Accepted<>(notification, false)));
  CompletableFuture<NotificationStore.Logging> log = done(NotificationStore.Logging.LOGGED);
  CompletableFuture<Boolean> fail = done(true);
  List<NotificationStore.Waiting> due = List.of();
  Function<NotificationStore.Waiting, CompletableFuture<Boolean>> postpone = seen -> done(true);
  Function<NotificationStore.Waiting, CompletableFuture<Boolean>> giveUp = seen -> done(true);
  Function<Job, CompletableFuture<Job>> enqueue = Script::done;
  Function<List<NotificationId>, CompletableFuture<NotificationQueue.Enqueued>> enqueueAll =
      ids -> done(new NotificationQueue.Enqueued(new HashSet<>(ids), Optional.empty()));
  CompletableFuture<Boolean> deliverAgain = done(true);
  Function<String, CompletableFuture<String>> deadLetter = Script::done;

  final NotificationStore store = new Store();
  final NotificationQueue queue = new Queue();
  final DeadLetters deadLetters = new Dead();

  static <T> CompletableFuture<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }

  static <T> CompletableFuture<T> failed(Throwable failure) {
    return CompletableFuture.failedFuture(failure);
  }

  private static String of(TraceContext traceContext) {
    return traceContext.requestId().map(id -> " of " + id).orElse("");
  }

  private void called(String call, Deadline deadline) {
    calls.add(call);
    deadlines.add(deadline);
  }

  private final class Store implements NotificationStore {
    @Override
    public CompletableFuture<Result<Accepted<Notification>>> add(
        Notification notification,
        TraceContext traceContext,
        Instant firstTurn,
        Optional<IdempotencyKey> idempotencyKey,
        Deadline deadline) {
      called(
          "add "
              + notification.message()
              + of(traceContext)
              + " turn "
              + firstTurn
              + idempotencyKey.map(c -> " under " + c.key()).orElse(""),
          deadline);
      return add.apply(notification);
    }

    @Override
    public CompletableFuture<Optional<Notification>> find(NotificationId id, Deadline deadline) {
      throw new AssertionError("no test reads");
    }

    @Override
    public CompletableFuture<Page<Notification>> page(
        Optional<Status> status, PageRequest request, Deadline deadline) {
      throw new AssertionError("no test lists");
    }

    @Override
    public CompletableFuture<Logging> log(
        NotificationId id,
        Instant at,
        int attempts,
        Optional<Instant> expiresAt,
        Deadline deadline) {
      called(
          "log at "
              + at
              + " attempts "
              + attempts
              + expiresAt.map(time -> " until " + time).orElse(""),
          deadline);
      return log;
    }

    @Override
    public CompletableFuture<Boolean> fail(
        NotificationId id, String reason, Instant at, int attempts, Deadline deadline) {
      called("fail: " + reason + " at " + at + " attempts " + attempts, deadline);
      return fail;
    }

    @Override
    public CompletableFuture<List<Waiting>> due(Instant now, int limit, Deadline deadline) {
      called("due " + now + " limit " + limit, deadline);
      return done(due);
    }

    @Override
    public CompletableFuture<Boolean> postpone(Waiting seen, Instant nextTurn, Deadline deadline) {
      called("postpone " + seen.id() + " to " + nextTurn, deadline);
      return postpone.apply(seen);
    }

    @Override
    public CompletableFuture<Boolean> giveUp(
        Waiting seen, String reason, Instant at, Deadline deadline) {
      called("give up " + seen.id() + ": " + reason + " at " + at, deadline);
      return giveUp.apply(seen);
    }
  }

  private final class Queue implements NotificationQueue {
    @Override
    public CompletableFuture<Job> enqueue(Job job, Deadline deadline) {
      called("enqueue " + job.id() + of(job.traceContext()), deadline);
      return enqueue.apply(job);
    }

    @Override
    public CompletableFuture<NotificationQueue.Enqueued> enqueueAll(
        List<Job> jobs, Deadline deadline) {
      called("enqueue all " + jobs.size(), deadline);
      return enqueueAll.apply(jobs.stream().map(Job::id).toList());
    }

    @Override
    public CompletableFuture<Delivery> deliverAgain(
        Delivery delivery, Duration delay, Deadline deadline) {
      called("deliver again after " + delay, deadline);
      return deliverAgain.thenApply(taken -> delivery);
    }

    @Override
    public CompletableFuture<Depth> depth(Deadline deadline) {
      throw new AssertionError("no test asks for the depth");
    }
  }

  private final class Dead implements DeadLetters {
    @Override
    public CompletableFuture<String> put(
        NotificationQueue.Delivery delivery, String reason, Deadline deadline) {
      return put(delivery.body() + of(delivery.traceContext()), reason, deadline);
    }

    @Override
    public CompletableFuture<String> put(Job job, String reason, Deadline deadline) {
      return put(job.id() + of(job.traceContext()), reason, deadline);
    }

    private CompletableFuture<String> put(String job, String reason, Deadline deadline) {
      called("dead letter " + job + ": " + reason, deadline);
      return deadLetter.apply(reason);
    }
  }
}
