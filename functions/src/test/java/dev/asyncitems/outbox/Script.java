package dev.asyncitems.outbox;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import dev.asyncitems.trace.TraceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Ports of the outbox with scripted answers. It records the calls in order, and the test completes
 * the futures.
 */
public final class Script {
  /** The calls in order, each as a word and its important arguments. */
  public final List<String> calls = new ArrayList<>();

  /** The deadlines of the calls, in the same order. */
  public final List<Deadline> deadlines = new ArrayList<>();

  public Function<List<OutboxEntry>, CompletableFuture<TaskQueue.Sent>> send =
      entries -> done(sent(entries));
  public CompletableFuture<Optional<OutboxEntry>> find = done(Optional.empty());
  public Function<OutboxEntry, CompletableFuture<Boolean>> postpone = seen -> done(true);
  public CompletableFuture<OptionalInt> recordStart = done(OptionalInt.of(1));
  public CompletableFuture<OptionalInt> recordFailure = done(OptionalInt.of(1));

  Function<Task<String>, CompletableFuture<Optional<Task<String>>>> add =
      task -> done(Optional.empty());
  List<OutboxEntry> due = List.of();
  Function<OutboxEntry, CompletableFuture<Boolean>> lease = seen -> done(true);
  Function<OutboxEntry, CompletableFuture<Boolean>> giveUp = seen -> done(true);
  CompletableFuture<Boolean> fail = done(true);
  Function<OutboxEntry, CompletableFuture<OutboxEntry>> deadLetter = Script::done;

  final TaskStore<String> tasks = new Tasks();
  public final OutboxStore store = new Store();
  public final TaskQueue queue = new Queue();
  final DeadLetters deadLetters =
      (entry, reason, deadline) -> {
        called("dead letter " + name(entry) + ": " + reason, deadline);
        return deadLetter.apply(entry);
      };

  public static <T> CompletableFuture<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }

  public static <T> CompletableFuture<T> failed(Throwable failure) {
    return CompletableFuture.failedFuture(failure);
  }

  /** Returns the result of sending all of these messages. */
  public static TaskQueue.Sent sent(List<OutboxEntry> entries) {
    return new TaskQueue.Sent(
        entries.stream().map(OutboxEntry::id).collect(Collectors.toSet()), Optional.empty());
  }

  /** Returns the result of sending no message because of a failure. */
  public static TaskQueue.Sent unsent(Throwable failure) {
    return new TaskQueue.Sent(Set.of(), Optional.of(failure));
  }

  /** Records a call and its deadline. */
  public void called(String call, Deadline deadline) {
    calls.add(call);
    deadlines.add(deadline);
  }

  /** Returns the calls that begin with a word. */
  List<String> calls(String word) {
    return calls.stream().filter(call -> call.startsWith(word + " ")).toList();
  }

  /** Returns how the calls name an entry: its id, and the request id if known. */
  public static String name(OutboxEntry entry) {
    return entry.id() + of(entry.trace());
  }

  public static String of(TraceContext trace) {
    return trace.requestId().map(id -> " of " + id).orElse("");
  }

  private final class Tasks implements TaskStore<String> {
    @Override
    public CompletableFuture<Optional<Task<String>>> add(
        Task<String> task,
        OutboxEntry entry,
        Optional<IdempotencyKey> idempotencyKey,
        Deadline deadline) {
      called(
          "add "
              + task.data()
              + of(entry.trace())
              + " due "
              + entry.nextDispatchAt()
              + (entry.id().equals(task.id()) ? "" : " with another's entry")
              + idempotencyKey.map(key -> " under " + key.key()).orElse(""),
          deadline);
      return add.apply(task);
    }

    @Override
    public CompletableFuture<Optional<Task<String>>> find(UUID id, Deadline deadline) {
      throw new AssertionError("no test reads");
    }

    @Override
    public CompletableFuture<Boolean> delete(UUID id, Deadline deadline) {
      throw new AssertionError("no test deletes");
    }

    @Override
    public CompletableFuture<Page<Task<String>>> page(
        Optional<TaskStatus> status, PageRequest request, Deadline deadline) {
      throw new AssertionError("no test lists");
    }
  }

  private final class Store implements OutboxStore {
    @Override
    public CompletableFuture<Optional<OutboxEntry>> find(UUID id, Deadline deadline) {
      called("find " + id, deadline);
      return find;
    }

    @Override
    public CompletableFuture<List<OutboxEntry>> due(Instant now, int limit, Deadline deadline) {
      called("due " + now + " limit " + limit, deadline);
      return done(due);
    }

    @Override
    public CompletableFuture<Boolean> lease(OutboxEntry seen, Instant until, Deadline deadline) {
      called("lease " + seen.id() + " until " + until, deadline);
      return lease.apply(seen);
    }

    @Override
    public CompletableFuture<Boolean> postpone(
        OutboxEntry seen, Instant nextDispatchAt, Deadline deadline) {
      called(
          "postpone " + seen.id() + " from " + seen.nextDispatchAt() + " to " + nextDispatchAt,
          deadline);
      return postpone.apply(seen);
    }

    @Override
    public CompletableFuture<Boolean> giveUp(
        OutboxEntry seen, String reason, Instant at, Deadline deadline) {
      called("give up " + seen.id() + ": " + reason + " at " + at, deadline);
      return giveUp.apply(seen);
    }

    @Override
    public CompletableFuture<OptionalInt> recordStart(
        UUID id, String delivery, String reason, Deadline deadline) {
      called("record start of " + delivery + ": " + reason, deadline);
      return recordStart;
    }

    @Override
    public CompletableFuture<OptionalInt> recordFailure(
        UUID id, String delivery, boolean started, String reason, Deadline deadline) {
      called(
          "record failure of " + (started ? "started " : "") + delivery + ": " + reason, deadline);
      return recordFailure;
    }

    @Override
    public CompletableFuture<Boolean> fail(
        UUID id, String delivery, String reason, Instant at, Deadline deadline) {
      called("fail " + delivery + ": " + reason + ", at " + at, deadline);
      return fail;
    }

    @Override
    public CompletableFuture<Effect> complete(UUID id, Attempt attempt, Deadline deadline) {
      throw new AssertionError("a test's effect marks no row");
    }
  }

  private final class Queue implements TaskQueue {
    @Override
    public CompletableFuture<Sent> send(List<OutboxEntry> entries, Deadline deadline) {
      called(
          "send " + entries.stream().map(Script::name).collect(Collectors.joining(", ")), deadline);
      return send.apply(entries);
    }

    @Override
    public CompletableFuture<Depth> depth(Deadline deadline) {
      throw new AssertionError("no test asks for the depth");
    }
  }
}
