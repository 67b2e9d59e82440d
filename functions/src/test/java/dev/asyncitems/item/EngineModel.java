package dev.asyncitems.item;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A store of one item in virtual time, about as slow as a real engine. Equal seeds give equal runs.
 * Not thread-safe.
 */
abstract class EngineModel implements ItemStore {
  private record Event(Duration at, int number, Runnable action) {}

  private final Queue<Event> events =
      new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingInt(Event::number));
  private final SplittableRandom random;
  private int eventsMade;
  private Duration now = Duration.ZERO;
  Item item;
  int reads;
  int writes;

  private EngineModel(Item item, long seed) {
    this.item = item;
    random = new SplittableRandom(seed);
  }

  /** Models DynamoDB: calls run in parallel, and a transaction cancels conflicting calls. */
  static EngineModel dynamoDb(Item item, long seed) {
    return new EngineModel(item, seed) {
      private boolean inTransaction;

      @Override
      void read(CompletableFuture<Optional<Item>> answer) {
        after(about(2), () -> answerAfter(about(2), answer, Optional.of(item)));
      }

      @Override
      void write(Item seen, Item next, CompletableFuture<Write> answer) {
        after(
            about(3),
            () -> {
              if (inTransaction) {
                answerAfter(about(3), answer, new Write.Busy());
              } else if (seen.version() != item.version()) {
                answerAfter(about(3), answer, new Write.Conflict(Optional.of(item)));
              } else {
                inTransaction = true;
                after(
                    about(8),
                    () -> {
                      inTransaction = false;
                      item = next;
                      answerAfter(about(3), answer, new Write.Written());
                    });
              }
            });
      }
    };
  }

  /** Models DynamoDB Local: calls run one after the other. */
  static EngineModel local(Item item, long seed) {
    return new EngineModel(item, seed) {
      private Duration free = Duration.ZERO;

      @Override
      void read(CompletableFuture<Optional<Item>> answer) {
        next(about(2), () -> answer.complete(Optional.of(item)));
      }

      @Override
      void write(Item seen, Item next, CompletableFuture<Write> answer) {
        next(
            about(8),
            () -> {
              if (seen.version() == item.version()) {
                item = next;
                answer.complete(new Write.Written());
              } else {
                answer.complete(new Write.Conflict(Optional.of(item)));
              }
            });
      }

      private void next(Duration takes, Runnable action) {
        free = (free.compareTo(now()) < 0 ? now() : free).plus(takes);
        after(free.minus(now()), action);
      }
    };
  }

  abstract void read(CompletableFuture<Optional<Item>> answer);

  abstract void write(Item seen, Item next, CompletableFuture<Write> answer);

  Duration now() {
    return now;
  }

  SplittableRandom random() {
    return random;
  }

  void after(Duration time, Runnable action) {
    events.add(new Event(now.plus(time), eventsMade++, action));
  }

  /** Runs all events until none is left. */
  void run() {
    for (Event event = events.poll(); event != null; event = events.poll()) {
      now = event.at();
      event.action().run();
    }
  }

  <T> void answerAfter(Duration time, CompletableFuture<T> answer, T value) {
    after(time, () -> answer.complete(value));
  }

  Duration about(int millis) {
    return Duration.ofNanos(random.nextLong(500_000L * millis, 1_500_000L * millis));
  }

  @Override
  public CompletableFuture<Optional<Item>> find(UUID id, Deadline deadline) {
    CompletableFuture<Optional<Item>> answer = new CompletableFuture<>();
    reads++;
    read(answer);
    return answer;
  }

  @Override
  public CompletableFuture<Write> replace(Item seen, Item next, Deadline deadline) {
    CompletableFuture<Write> answer = new CompletableFuture<>();
    writes++;
    write(seen, next, answer);
    return answer;
  }

  @Override
  public CompletableFuture<Optional<Item>> add(
      Item added, Optional<IdempotencyKey> idempotencyKey, Deadline deadline) {
    throw new AssertionError("no test adds");
  }

  @Override
  public CompletableFuture<Boolean> remove(UUID id, Deadline deadline) {
    throw new AssertionError("no test removes");
  }

  @Override
  public CompletableFuture<Write> remove(Item seen, Deadline deadline) {
    throw new AssertionError("no test removes");
  }

  @Override
  public CompletableFuture<Page<Item>> page(PageRequest request, Deadline deadline) {
    throw new AssertionError("no test lists");
  }
}
