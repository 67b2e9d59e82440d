package dev.asyncitems.faults;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Delivers the messages of a queue to consumers, as badly as SQS and Lambda may. Messages arrive
 * out of order, up to three times, in parallel and with little time left. Some consumers are killed
 * in the middle of a batch.
 *
 * <p>A message is deleted only after a consumer reports it as done. Thread-safe.
 */
final class Deliveries implements AutoCloseable {
  private static final int MESSAGES = 10;
  private static final int MAX_COPIES = 3;
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final Duration LONG_POLL = Duration.ofSeconds(1);

  private final Tasks tasks;
  private final LocalRun run;
  private final Clock clock;
  private final Backend backend;
  private final Ledger ledger;
  private final Duration visibility;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Copy> waiting = new ArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final Set<String> received = ConcurrentHashMap.newKeySet();
  private final Set<String> deleted = ConcurrentHashMap.newKeySet();
  private final AtomicInteger working = new AtomicInteger();
  private final AtomicInteger receiving = new AtomicInteger();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder kills = new LongAdder();
  private Random random = new Random(0);
  private int killsInThousand;
  private int hurriesInThousand;
  private volatile Function<Call, Fault> plan = call -> Fault.PASS;
  private volatile boolean paused;
  private volatile boolean closed;

  private record Copy(Message message) {}

  /**
   * Starts to deliver messages.
   *
   * @param consumers the number of consumer environments
   * @param visibility the time after which an unfinished message is delivered again
   */
  Deliveries(
      Tasks tasks,
      LocalRun run,
      Clock clock,
      Backend backend,
      Ledger ledger,
      int consumers,
      Duration visibility) {
    this.tasks = tasks;
    this.run = run;
    this.clock = clock;
    this.backend = backend;
    this.ledger = ledger;
    this.visibility = visibility;
    for (int i = 0; i < consumers; i++) {
      threads.execute(this::work);
    }
  }

  /**
   * Sets the faults from now on.
   *
   * @param killsInThousand the number of batches, out of 1,000, that kill their consumer
   * @param hurriesInThousand the number of batches, out of 1,000, that leave too little time
   * @param faults the faults of the consumers' calls
   */
  synchronized void rage(
      long seed, int killsInThousand, int hurriesInThousand, Function<Call, Fault> faults) {
    this.random = new Random(seed);
    this.killsInThousand = killsInThousand;
    this.hurriesInThousand = hurriesInThousand;
    this.plan = faults;
  }

  /** Delivers every message without faults from now on. */
  synchronized void calm() {
    rage(0, 0, 0, call -> Fault.PASS);
  }

  /** Pauses or resumes the consumers. They pause while the queue is away. */
  void pause(boolean resting) {
    paused = resting;
  }

  /** Returns whether all consumers are idle and, after a pause began, receive no more messages. */
  boolean rests() {
    return working.get() == 0 && receiving.get() == 0;
  }

  /** Returns whether the queue is empty and every consumer is idle. */
  boolean idle() {
    // A message that is no longer visible may still be on its way to a consumer.
    if (backend.visible(tasks.queue()) > 0 || backend.inFlight(tasks.queue()) > received.size()) {
      return false;
    }
    synchronized (this) {
      return waiting.isEmpty() && working.get() == 0;
    }
  }

  /** Returns the number of deliveries. */
  long delivered() {
    return delivered.sum();
  }

  /** Returns the number of killed consumers. */
  long kills() {
    return kills.sum();
  }

  /** Returns messages that a consumer reported as done although their tasks were not. */
  List<String> violations() {
    return violations;
  }

  private void work() {
    Sandbox sandbox = environment();
    try {
      while (!closed) {
        List<Message> batch = paused ? List.of() : draw();
        if (batch.isEmpty()) {
          refill();
          continue;
        }
        try {
          if (!deliver(sandbox, batch)) {
            sandbox.kill();
            kills.increment();
            sandbox = environment();
          }
        } finally {
          working.decrementAndGet();
        }
      }
    } finally {
      sandbox.kill();
    }
  }

  private Sandbox environment() {
    Sandbox sandbox = Sandbox.of(run, tasks.consumer(), clock);
    sandbox.proxy().forgetCalls();
    sandbox.proxy().witness(ledger);
    return sandbox;
  }

  private void refill() {
    if (paused) {
      LockSupport.parkNanos(LONG_POLL.toNanos() / 10);
      return;
    }
    receiving.incrementAndGet();
    try {
      List<Message> more =
          paused ? List.of() : backend.receive(tasks.queue(), MESSAGES, visibility, LONG_POLL);
      synchronized (this) {
        boolean calm = killsInThousand == 0 && hurriesInThousand == 0;
        for (Message message : more) {
          int copies =
              calm ? 1 : 1 + Math.min(random.nextInt(MAX_COPIES), random.nextInt(MAX_COPIES));
          waiting.addAll(Collections.nCopies(copies, new Copy(message)));
          received.add(message.messageId());
        }
      }
    } catch (CompletionException e) {
      if (!closed && !(e.getCause() instanceof SdkException)) {
        throw e; // Otherwise SQS is away, and the next call asks again.
      }
    } finally {
      receiving.decrementAndGet();
    }
  }

  private synchronized List<Message> draw() {
    List<Message> batch = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    Collections.shuffle(waiting, random);
    for (int i = waiting.size() - 1; i >= 0 && batch.size() < tasks.batch(); i--) {
      Message message = waiting.get(i).message();
      if (ids.add(message.messageId())) {
        batch.add(message);
        waiting.remove(i);
      }
    }
    if (!batch.isEmpty()) {
      working.incrementAndGet();
    }
    return batch;
  }

  /** Returns false if the consumer was killed. */
  private boolean deliver(Sandbox sandbox, List<Message> batch) {
    int killAt;
    boolean afterEffect;
    Duration left;
    synchronized (this) {
      int last = batch.size() * tasks.callsOfTask();
      killAt = random.nextInt(1000) < killsInThousand ? random.nextInt(last) + 1 : 0;
      afterEffect = random.nextBoolean();
      left =
          random.nextInt(1000) < hurriesInThousand
              ? Duration.ofMillis(200 + random.nextInt(3_300))
              : AMPLE;
    }
    CompletableFuture<Void> killed = new CompletableFuture<>();
    AtomicInteger calls = new AtomicInteger();
    sandbox
        .proxy()
        .plan(call -> {
          int number = killAt == 0 ? 0 : calls.incrementAndGet();
          if (killAt == 0 || number < killAt) {
            return plan.apply(call);
          }
          return (same, engine) -> {
            if (number == killAt && afterEffect) {
              engine.call();
            }
            killed.complete(null);
            return Fault.HANG.apply(same, engine);
          };
        });
    delivered.add(batch.size());
    CompletableFuture<byte[]> answer =
        CompletableFuture.supplyAsync(() -> sandbox.invoke(Backend.batch(batch), left), threads);
    CompletableFuture.anyOf(killed, answer).join();
    if (killed.isDone()) {
      return false;
    }
    Set<String> failed = Backend.failures(answer.join());
    acknowledge(batch.stream().filter(message -> !failed.contains(message.messageId())).toList());
    return true;
  }

  private void acknowledge(List<Message> messages) {
    List<Message> done = new ArrayList<>();
    for (Message message : messages) {
      String body = message.body();
      if (body.startsWith("{\"id\":\"") && !isDone(body.substring(7, body.length() - 2))) {
        violations.add("the consumer called the message " + body + " done before it was");
      }
      if (deleted.add(message.messageId())) {
        done.add(message);
      }
    }
    if (!done.isEmpty()) {
      try {
        backend.delete(tasks.queue(), done);
        done.forEach(message -> received.remove(message.messageId()));
      } catch (CompletionException e) {
        // Lambda may fail to delete messages too, and then SQS delivers them again.
        done.forEach(message -> deleted.remove(message.messageId()));
      }
    }
  }

  // The ledger sees a write slightly after the engine, so another consumer may already have read
  // it.
  private boolean isDone(String id) {
    return ledger.mayForget(id)
        || Set.of("done", "failed")
            .contains(Backend.text(backend.row(tasks.table(), id), "status"));
  }

  @Override
  public void close() {
    closed = true;
    threads.close();
  }
}
