package dev.asyncitems.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.Unavailable;
import dev.asyncitems.outbox.BackgroundTask.Attempt;
import dev.asyncitems.outbox.BackgroundTask.Effect;
import dev.asyncitems.outbox.Consumer.Delivery;
import dev.asyncitems.outbox.Consumer.Outcome;
import dev.asyncitems.trace.TraceContext;
import dev.asyncitems.value.UuidV7;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model of one kind of task with its table and its queue, in virtual time. The clock jumps from
 * event to event, and all events run on the test's thread. A test sets the faults.
 */
final class VirtualWorld {
  private static final int MAX_DELIVERIES = 30;
  private static final int MAX_ATTEMPTS = 8;
  private static final Duration VISIBILITY_TIMEOUT = Duration.ofMinutes(3);
  private static final Duration READ_TIME = Duration.ofMillis(100);
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(1);

  boolean effectFails;
  boolean writesAreRejected;
  boolean queueIsAway;
  boolean messagesAreLost;
  boolean lettersAreRejected;

  /** Lambda invokes no consumer, and each delivery counts. */
  boolean deliveriesAreThrottled;

  /** Each attempt kills its function. */
  boolean effectKills;

  private boolean consumerIsStopped;

  /** The rows by id, in the order of their acceptance. */
  final Map<UUID, Row> rows = new LinkedHashMap<>();

  /** The ids of the dead letters. */
  final List<UUID> letters = new ArrayList<>();

  /** The order of marking rows failed and of sending dead letters. */
  final List<String> endings = new ArrayList<>();

  /** The attempts on the row after each delivery. */
  final List<Integer> attempts = new ArrayList<>();

  /** The number of attempts that ran. */
  int effects;

  final List<CompletableFuture<Relay.Report>> runs = new ArrayList<>();

  /** The failures to send a message that requests received. */
  final List<CompletableFuture<Optional<Throwable>>> requests = new ArrayList<>();

  /** The number of messages that the queue has accepted. */
  int sent;

  /** The largest number of times that a message was received. */
  int mostReceives;

  /** The largest number of messages of one task in the queue at any time. */
  int mostMessagesOfATask;

  /** The largest number of writes to the outbox index in one second. */
  int mostIndexWritesInASecond;

  private Instant now = Instant.parse("2026-01-15T00:00:00Z");
  private long events;
  private final PriorityQueue<Event> agenda =
      new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingLong(Event::order));
  private final Map<UUID, Integer> messagesByTask = new HashMap<>();
  private final List<Message> waiting = new ArrayList<>();
  private final Map<Long, Integer> indexWrites = new HashMap<>();

  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return now;
        }

        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          throw new UnsupportedOperationException("one zone is enough");
        }
      };

  private final Redelivery redelivery =
      new Redelivery(
          VISIBILITY_TIMEOUT, MAX_DELIVERIES, MAX_ATTEMPTS, () -> new Random(now.toEpochMilli()));

  /** The message life of the queue. */
  final Duration life = Redelivery.messageLife(VISIBILITY_TIMEOUT, MAX_DELIVERIES);

  private final Store store = new Store();
  private final Queue queue = new Queue();
  private final Outbox outbox = new Outbox(store, queue, life, clock);
  private final Consumer consumer =
      new Consumer((id, attempt, deadline) -> effect(id), store, redelivery, clock);
  private final Relay relay =
      new Relay(
          store, queue, this::deadLetter, life, new Silent(), pause -> later(pause, null), clock);

  /** A row. Its index calls it queued while it is neither done nor failed. */
  static final class Row {
    TaskStatus status = TaskStatus.QUEUED;
    Instant nextDispatchAt;
    int dispatches;
    int attempts;
    int attemptsUsed;
    @Nullable Instant doneAt;

    private Row(Instant nextDispatchAt) {
      this.nextDispatchAt = nextDispatchAt;
    }
  }

  private interface Change {
    void apply(Row row);
  }

  private record Event(Instant at, long order, Runnable action) {}

  private static final class Message {
    private final UUID id;
    private final String name;
    private int receives;

    private Message(UUID id, String name) {
      this.id = id;
      this.name = name;
    }
  }

  Instant now() {
    return now;
  }

  /** Advances the clock by this time and runs the events in it. */
  void passes(Duration time) {
    Instant end = now.plus(time);
    for (Event next = agenda.peek();
        next != null && !next.at().isAfter(end);
        next = agenda.peek()) {
      agenda.remove();
      now = next.at();
      next.action().run();
    }
    now = end;
  }

  private void after(Duration time, Runnable action) {
    agenda.add(new Event(now.plus(time), events++, action));
  }

  @SuppressWarnings("NullAway") // A pause has no value.
  private <T> CompletableFuture<T> later(Duration time, @Nullable T value) {
    CompletableFuture<T> future = new CompletableFuture<>();
    after(time, () -> future.complete(value));
    return future;
  }

  /** Accepts a task: writes its row and sends its message. */
  UUID accept() {
    OutboxEntry entry = write();
    requests.add(outbox.dispatch(List.of(entry), deadline()));
    return entry.id();
  }

  /** Accepts a task and crashes between writing its row and sending its message. */
  UUID acceptAndCrash() {
    return write().id();
  }

  private OutboxEntry write() {
    OutboxEntry entry = outbox.entry(UuidV7.at(now), TraceContext.UNKNOWN);
    rows.put(entry.id(), new Row(entry.nextDispatchAt()));
    return entry;
  }

  /** Repeats the request that accepted a task. */
  void repeat(UUID id) {
    requests.add(outbox.dispatchAgain(List.of(id), deadline()));
  }

  /** Sends the message of a failed task again, as an operator does. */
  void replay(UUID id) {
    OutboxEntry entry = new OutboxEntry(id, now, 0, TraceContext.UNKNOWN);
    assertThat(queue.send(List.of(entry), deadline())).isCompleted();
  }

  /** Runs the relay now and each minute. */
  void startRelay() {
    runRelay();
    after(Duration.ofMinutes(1), this::startRelay);
  }

  void runRelay() {
    runs.add(relay.run(deadline()));
  }

  /** Returns the number of messages that the relay has dispatched. */
  int dispatched() {
    return runs.stream()
        .filter(CompletableFuture::isDone)
        .mapToInt(run -> run.resultNow().dispatched())
        .sum();
  }

  void stopConsumer() {
    consumerIsStopped = true;
  }

  void startConsumer() {
    consumerIsStopped = false;
    List<Message> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(this::deliver);
  }

  /** Returns the distinct statuses of all rows. */
  Set<TaskStatus> statuses() {
    return rows.values().stream().map(row -> row.status).collect(Collectors.toSet());
  }

  // Deadlines use real time, of which a test needs only seconds.
  private static Deadline deadline() {
    return Deadline.after(Duration.ofHours(1));
  }

  private CompletableFuture<Effect> effect(UUID id) {
    effects++;
    if (effectKills) {
      return new CompletableFuture<>();
    }
    if (effectFails || writesAreRejected) {
      return Script.failed(new Unavailable("the effect failed"));
    }
    Row row = row(id);
    if (row.status == TaskStatus.DONE) {
      return Script.done(Effect.ALREADY_DONE);
    }
    Effect effect = row.status == TaskStatus.FAILED ? Effect.REPLAYED : Effect.DONE;
    row.status = TaskStatus.DONE;
    row.attempts++;
    row.attemptsUsed = 0;
    row.doneAt = now;
    return Script.done(effect);
  }

  private Row row(UUID id) {
    return Optional.ofNullable(rows.get(id)).orElseThrow();
  }

  private void deliver(Message message) {
    if (consumerIsStopped) {
      waiting.add(message);
      return;
    }
    if (message.receives == MAX_DELIVERIES) {
      letter(message.id);
      delete(message);
      return;
    }
    message.receives++;
    mostReceives = Math.max(mostReceives, message.receives);
    if (deliveriesAreThrottled) {
      after(VISIBILITY_TIMEOUT, () -> deliver(message));
      return;
    }
    Delivery delivery =
        new Delivery(
            Optional.of(message.id), message.name + " " + message.receives, message.receives);
    CompletableFuture<Outcome> processed = consumer.process(delivery, deadline());
    if (!processed.isDone()) {
      after(VISIBILITY_TIMEOUT, () -> deliver(message));
      return;
    }
    Outcome outcome = processed.resultNow();
    attempts.add(row(message.id).attempts);
    switch (outcome) {
      case Outcome.Done done -> delete(message);
      case Outcome.AlreadyDone duplicate -> delete(message);
      case Outcome.GivenUp givenUp -> {
        letter(message.id);
        delete(message);
      }
      case Outcome.Retry retry -> after(retry.delay(), () -> deliver(message));
      case Outcome.Hopeless rejected -> throw new AssertionError(rejected);
    }
  }

  private void delete(Message message) {
    messagesByTask.merge(message.id, -1, Integer::sum);
  }

  private void letter(UUID id) {
    letters.add(id);
    endings.add("letter");
  }

  private CompletableFuture<OutboxEntry> deadLetter(
      OutboxEntry entry, String reason, Deadline deadline) {
    if (lettersAreRejected) {
      return Script.failed(new Unavailable("no letters"));
    }
    letter(entry.id());
    return Script.done(entry);
  }

  private final class Queue implements TaskQueue {
    @Override
    public CompletableFuture<Sent> send(List<OutboxEntry> entries, Deadline deadline) {
      if (queueIsAway) {
        return later(SEND_TIMEOUT, Script.unsent(new Unavailable("no queue")));
      }
      for (OutboxEntry entry : entries) {
        sent++;
        if (!messagesAreLost) {
          int messages = messagesByTask.merge(entry.id(), 1, Integer::sum);
          mostMessagesOfATask = Math.max(mostMessagesOfATask, messages);
          Message message = new Message(entry.id(), "message " + sent);
          after(Duration.ZERO, () -> deliver(message));
        }
      }
      return Script.done(Script.sent(entries));
    }

    @Override
    public CompletableFuture<Depth> depth(Deadline deadline) {
      throw new AssertionError("no test asks for the depth");
    }
  }

  private final class Store implements OutboxStore {
    @Override
    public CompletableFuture<Optional<OutboxEntry>> find(UUID id, Deadline deadline) {
      return Script.done(
          Optional.of(entry(id, row(id))).filter(e -> row(id).status == TaskStatus.QUEUED));
    }

    // Overlapping runs read the same entries.
    @Override
    public CompletableFuture<List<OutboxEntry>> due(Instant time, int limit, Deadline deadline) {
      return later(
          READ_TIME,
          rows.entrySet().stream()
              .filter(row -> row.getValue().status == TaskStatus.QUEUED)
              .filter(row -> !row.getValue().nextDispatchAt.isAfter(time))
              .map(row -> entry(row.getKey(), row.getValue()))
              .sorted(Comparator.comparing(OutboxEntry::nextDispatchAt))
              .limit(limit)
              .toList());
    }

    private OutboxEntry entry(UUID id, Row row) {
      return new OutboxEntry(id, row.nextDispatchAt, row.dispatches, TraceContext.UNKNOWN);
    }

    @Override
    public CompletableFuture<Boolean> lease(OutboxEntry seen, Instant until, Deadline deadline) {
      return move(seen, until, seen.dispatches() + 1);
    }

    @Override
    public CompletableFuture<Boolean> postpone(
        OutboxEntry seen, Instant nextDispatchAt, Deadline deadline) {
      return move(seen, nextDispatchAt, Math.max(0, seen.dispatches() - 1));
    }

    private CompletableFuture<Boolean> move(OutboxEntry seen, Instant to, int dispatches) {
      return write(
          () -> isAsSeen(seen),
          row -> {
            // Moving a row deletes one key of the index and adds another.
            int writes = indexWrites.merge(now.getEpochSecond(), 2, Integer::sum);
            mostIndexWritesInASecond = Math.max(mostIndexWritesInASecond, writes);
            row.nextDispatchAt = to;
            row.dispatches = dispatches;
          },
          seen.id());
    }

    @Override
    public CompletableFuture<Boolean> giveUp(
        OutboxEntry seen, String reason, Instant at, Deadline deadline) {
      return write(() -> isAsSeen(seen), this::fail, seen.id());
    }

    @Override
    public CompletableFuture<OptionalInt> recordStart(
        UUID id, String delivery, String reason, Deadline deadline) {
      return record(id, row -> row.attemptsUsed++);
    }

    @Override
    public CompletableFuture<OptionalInt> recordFailure(
        UUID id, String delivery, boolean started, String reason, Deadline deadline) {
      return record(
          id,
          row -> {
            row.attempts++;
            row.attemptsUsed += started ? 0 : 1;
          });
    }

    private CompletableFuture<OptionalInt> record(UUID id, Change change) {
      return write(() -> row(id).status != TaskStatus.DONE, change, id)
          .thenApply(holds -> holds ? OptionalInt.of(row(id).attemptsUsed) : OptionalInt.empty());
    }

    @Override
    public CompletableFuture<Boolean> fail(
        UUID id, String delivery, String reason, Instant at, Deadline deadline) {
      return write(() -> row(id).status != TaskStatus.DONE, this::fail, id);
    }

    @Override
    public CompletableFuture<Effect> complete(UUID id, Attempt attempt, Deadline deadline) {
      throw new AssertionError("the world's effect marks no row");
    }

    private boolean isAsSeen(OutboxEntry seen) {
      Row row = row(seen.id());
      return row.status == TaskStatus.QUEUED && row.nextDispatchAt.equals(seen.nextDispatchAt());
    }

    private void fail(Row row) {
      row.status = TaskStatus.FAILED;
      row.attemptsUsed = 0;
      endings.add("failed");
    }

    private CompletableFuture<Boolean> write(BooleanSupplier condition, Change change, UUID id) {
      if (writesAreRejected) {
        return Script.failed(new Unavailable("no writes"));
      }
      boolean holds = condition.getAsBoolean();
      if (holds) {
        change.apply(row(id));
      }
      return Script.done(holds);
    }
  }

  private static final class Silent implements Relay.Observer {
    @Override
    public void dispatched(OutboxEntry entry) {
      // The reports have the number.
    }

    @Override
    public void gaveUp(OutboxEntry entry) {
      // The rows show it.
    }
  }
}
