package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.faults.History.Event;
import dev.asyncitems.faults.Scenario.Match;
import dev.asyncitems.faults.Scenario.Step;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.TestClock;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;

/**
 * The long run, with {@code mvn verify -Dfaults=long}. It makes many notifications and changes of
 * items while the store throttles, the queue is away, answers are lost and consumers die. It is not
 * part of the gate.
 */
final class LongRun {
  private static final int NOTIFICATIONS = Integer.getInteger("faults.notifications", 100_000);
  private static final int OPERATIONS = Integer.getInteger("faults.operations", 20_000);
  private static final int SENDERS = 16;
  private static final int WRITERS = 4;
  private static final int CONSUMERS = 4;
  private static final int KILLS_IN_THOUSAND = 10;
  private static final int HURRIES_IN_THOUSAND = 10;
  private static final int OPERATIONS_OF_AN_ITEM = 40;
  private static final int MAX_BACKLOG = 2_000;
  private static final Duration VISIBILITY = Duration.ofSeconds(10);
  private static final Duration QUEUE_AWAY = Duration.ofSeconds(10);
  private static final Duration PROGRESS = Duration.ofSeconds(5);
  private static final Duration MESSAGE_LIFE = Duration.ofMinutes(30);
  private static final int MAX_DISPATCHES = 12;

  // The functions' clock runs ten times as fast as real time, so that the relay runs often enough.
  private static final Duration A_SECOND_HERE = Duration.ofSeconds(10);

  private static final Map<Trouble, Integer> FAULTS =
      Map.of(
          Trouble.SLOW, 50,
          Trouble.RESET_BEFORE, 20,
          Trouble.RESET_AFTER, 20,
          Trouble.CONFLICT, 20,
          Trouble.CANCELLED_BY_THROTTLING, 10,
          Trouble.ENTRIES_REFUSED, 50, // Each request sends its message in a batch of one.
          Trouble.INTERNAL_ERROR, 10,
          Trouble.UNAVAILABLE, 10,
          Trouble.THROTTLED, 10);

  private final long seed = Long.getLong("faults.seed", new Random().nextLong());
  private final PrintStream out = System.out;
  private final long begin = System.nanoTime();
  private final TestClock clock = new TestClock();
  private final AtomicBoolean throttling = new AtomicBoolean();
  private final AtomicBoolean queueAway = new AtomicBoolean();
  private final AtomicBoolean stormy = new AtomicBoolean(true);
  private final LongAdder throttledNanos = new LongAdder();
  private final LongAdder stormNanos = new LongAdder();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger operations = new AtomicInteger();
  private final LongAdder refusedForNow = new LongAdder();
  private final Set<String> acceptedIds = ConcurrentHashMap.newKeySet();
  private final Queue<String> odd = new ConcurrentLinkedQueue<>();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  @Test
  void nothingIsLostDoubledOrStuck() throws Exception {
    Embedded.assume();
    out.printf("faults: seed %d (-Dfaults.seed=%d repeats the plan)%n", seed, seed);
    System.setOut(new PrintStream(OutputStream.nullOutputStream()));
    try (FaultProxy proxy = FaultProxy.open();
        LocalRun run =
            Lane.run()
                .clock(clock)
                .withoutPollers()
                .listener(RunListener.SILENT)
                .environment(proxy.environment())
                .start();
        Backend backend = new Backend(run)) {
      proxy.targets(run.dynamoDbEndpoint(), run.sqsEndpoint());
      proxy.forgetCalls();
      Ledger ledger = new Ledger(run.queueUrl(Backend.DEAD_LETTERS));
      proxy.witness(ledger);
      FaultPlan chance = FaultPlan.of(seed, FAULTS);
      try (Deliveries deliveries =
          new Deliveries(run, clock, backend, ledger, CONSUMERS, VISIBILITY)) {
        play(run, backend, proxy, ledger, deliveries, chance);
      }
    } finally {
      System.setOut(out);
    }
  }

  private void play(
      LocalRun run,
      Backend backend,
      FaultProxy proxy,
      Ledger ledger,
      Deliveries deliveries,
      FaultPlan chance)
      throws Exception {
    Api api = new Api(run.uri());
    proxy.plan(call -> weather(call, chance));
    deliveries.rage(seed, KILLS_IN_THOUSAND, HURRIES_IN_THOUSAND, call -> weather(call, chance));
    ScheduledExecutorService timers = Executors.newScheduledThreadPool(3);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var _ =
          timers.scheduleWithFixedDelay(
              () -> show(ledger, deliveries),
              PROGRESS.toSeconds(),
              PROGRESS.toSeconds(),
              TimeUnit.SECONDS);
      var _ =
          timers.scheduleWithFixedDelay(
              () -> {
                clock.advance(A_SECOND_HERE);
                var _ = run.fireDueSchedules();
              },
              1,
              1,
              TimeUnit.SECONDS);
      Future<?> storms = clients.submit(this::throttleATenthOfTheTime);
      List<Future<?>> all = new ArrayList<>();
      AtomicInteger next = new AtomicInteger();
      for (int i = 0; i < SENDERS; i++) {
        all.add(clients.submit(() -> send(api, ledger, next)));
      }
      for (int i = 0; i < WRITERS; i++) {
        SplittableRandom random = new SplittableRandom(seed + i);
        all.add(clients.submit(() -> change(api, random)));
      }
      all.add(clients.submit(() -> takeTheQueueAway(deliveries)));
      for (Future<?> one : all) {
        one.get();
      }
      stormy.set(false);
      storms.get();
      proxy.heal();
      deliveries.calm();
      timers.shutdown();
      var _ = timers.awaitTermination(1, TimeUnit.MINUTES);
    } finally {
      timers.shutdownNow();
    }
    out.println("faults: all is sent, the weather is fair; what is left is waited for");
    int stuck = settle(run, backend, deliveries);
    judge(backend, ledger, deliveries, stuck);
  }

  private FaultProxy.Fault weather(Call call, FaultPlan chance) {
    if (call.service().equals(Call.DYNAMODB) && throttling.get()) {
      return Faults.THROUGHPUT_EXCEEDED;
    }
    if (call.service().equals(Call.SQS) && queueAway.get()) {
      return FaultProxy.Fault.REFUSE;
    }
    return chance.apply(call);
  }

  // Throttles for 0.1 to 1 s, then pauses for nine times as long.
  private @Nullable Void throttleATenthOfTheTime() throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    long start = System.nanoTime();
    while (stormy.get()) {
      long millis = random.nextLong(100, 1_000);
      throttling.set(true);
      long from = System.nanoTime();
      Thread.sleep(millis);
      throttling.set(false);
      throttledNanos.add(System.nanoTime() - from);
      for (long left = 9 * millis; left > 0 && stormy.get(); left -= 100) {
        Thread.sleep(Math.min(left, 100));
      }
    }
    stormNanos.add(System.nanoTime() - start);
    return null;
  }

  // Happens once, when a third of the notifications is accepted.
  private @Nullable Void takeTheQueueAway(Deliveries deliveries) throws InterruptedException {
    Awaitility.await().forever().until(() -> accepted.get() >= NOTIFICATIONS / 3);
    deliveries.pause(true);
    queueAway.set(true);
    Thread.sleep(QUEUE_AWAY);
    queueAway.set(false);
    deliveries.pause(false);
    return null;
  }

  /** Sends notifications, half of them with a key. An uncertain request with a key is repeated. */
  private @Nullable Void send(Api api, Ledger ledger, AtomicInteger next) throws Exception {
    for (int number = next.getAndIncrement();
        number < NOTIFICATIONS;
        number = next.getAndIncrement()) {
      while (!queueAway.get() && accepted.get() - ledger.logged() > MAX_BACKLOG) {
        Thread.sleep(20); // A larger backlog would only measure the queue.
      }
      String message = "n-" + number;
      boolean keyed = number % 2 == 0;
      boolean done = false;
      while (!done) {
        Answer answer =
            api.send(
                "POST",
                "/notifications",
                "{\"message\":\"" + message + "\"}",
                keyed
                    ? new String[] {"Idempotency-Key", message}
                    : new String[] {"Accept", "application/json"});
        if (answer.status() == 202) {
          acceptedIds.add(answer.text("id"));
          accepted.incrementAndGet();
          done = true;
        } else if (answer.status() == 503 || answer.status() == 504) {
          refusedForNow.increment();
          done = !keyed;
          if (done) {
            accepted.incrementAndGet(); // Perhaps it was not. Without a key, nobody repeats it.
          }
        } else {
          odd.add(answer.toString());
          done = true;
        }
      }
    }
    return null;
  }

  /** Changes items, several in parallel, and checks each result. */
  private @Nullable Void change(Api api, SplittableRandom random) throws Exception {
    while (operations.get() < OPERATIONS) {
      History history = new History();
      String id = create(api);
      try (ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> rivals = new ArrayList<>();
        for (int rival = 0; rival < 2; rival++) {
          SplittableRandom own = random.split();
          rivals.add(
              both.submit(() -> {
                rival(api, id, own, history);
                return null;
              }));
        }
        for (Future<?> one : rivals) {
          one.get();
        }
      }
      Answer last = certain(() -> api.get("/items/" + id));
      Optional<JsonNode> end = last.status() == 200 ? Optional.of(last.json()) : Optional.empty();
      wrong.addAll(history.judge(List.of(end), List.of(), List.of()));
    }
    return null;
  }

  private String create(Api api) throws Exception {
    operations.incrementAndGet();
    String key = UUID.randomUUID().toString();
    return certain(() ->
            api.send("POST", "/items", "{\"name\":\"a\",\"price\":1}", "Idempotency-Key", key))
        .text("id");
  }

  private void rival(Api api, String id, SplittableRandom random, History history)
      throws Exception {
    long seen = 1;
    for (int i = 0; i < OPERATIONS_OF_AN_ITEM / 2; i++) {
      int number = operations.incrementAndGet();
      String name = "w-" + number;
      Match match = random.nextInt(3) == 0 ? Match.SEEN : Match.NONE;
      String[] headers =
          match == Match.SEEN
              ? new String[] {"If-Match", "\"" + seen + "\""}
              : new String[] {"Accept", "application/json"};
      Step step =
          switch (random.nextInt(40)) {
            case 0 -> new Step.Delete(0, match);
            case 1, 2, 3, 4, 5, 6, 7, 8, 9 -> new Step.Read(0);
            case 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 -> new Step.Replace(0, match);
            default -> new Step.Patch(0, match);
          };
      var at = clock.instant();
      long start = System.nanoTime();
      String path = "/items/" + id;
      Answer answer =
          switch (step) {
            case Step.Read _ -> api.get(path);
            case Step.Delete _ -> api.send("DELETE", path, "", headers);
            case Step.Replace _ ->
                api.send("PUT", path, "{\"name\":\"" + name + "\",\"price\":1}", headers);
            default -> api.send("PATCH", path, "{\"description\":\"" + name + "\"}", headers);
          };
      if (answer.status() == 200) {
        seen = answer.json().required("version").asLong();
      } else if (answer.status() >= 500) {
        refusedForNow.increment();
      }
      history.add(
          new Event(
              step,
              name,
              0,
              match == Match.SEEN && !(step instanceof Step.Read)
                  ? Long.parseLong(headers[1].replace("\"", ""))
                  : -1,
              at,
              start,
              System.nanoTime(),
              Optional.of(answer)));
      if (answer.status() == 404) {
        return;
      }
    }
  }

  @FunctionalInterface
  private interface Sending {
    Answer send() throws IOException, InterruptedException;
  }

  private Answer certain(Sending sending) throws IOException, InterruptedException {
    while (true) {
      Answer answer = sending.send();
      if (answer.status() != 503 && answer.status() != 504) {
        if (answer.status() >= 500) {
          odd.add(answer.toString());
        }
        return answer;
      }
      refusedForNow.increment();
    }
  }

  private void show(Ledger ledger, Deliveries deliveries) {
    out.printf(
        Locale.ROOT,
        "faults: %4d s, %,7d of %,d notifications sent, %,7d logged, %,6d of %,d item"
            + " operations, %,8d deliveries, %4d consumers killed, throttled %d s%n",
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
        accepted.get(),
        NOTIFICATIONS,
        ledger.logged(),
        operations.get(),
        OPERATIONS,
        deliveries.delivered(),
        deliveries.kills(),
        TimeUnit.NANOSECONDS.toSeconds(throttledNanos.sum()));
  }

  /**
   * Advances the clock until every task has ended, and returns the number of tasks still queued.
   */
  private int settle(LocalRun run, Backend backend, Deliveries deliveries) {
    int queued = 0;
    for (int round = 0; round <= MAX_DISPATCHES; round++) {
      clock.advance(MESSAGE_LIFE);
      var _ = run.fireDueSchedules();
      Awaitility.await().atMost(Duration.ofMinutes(5)).until(deliveries::idle);
      queued =
          (int)
              backend.rows().stream()
                  .filter(row -> Backend.text(row, "status").equals("queued"))
                  .count();
      if (queued == 0) {
        return 0;
      }
    }
    return queued;
  }

  private void judge(Backend backend, Ledger ledger, Deliveries deliveries, int stuck) {
    List<Map<String, AttributeValue>> rows = backend.rows();
    Map<String, Long> byMessage =
        rows.stream()
            .collect(
                Collectors.groupingBy(row -> Backend.text(row, "message"), Collectors.counting()));
    Set<String> ids = new HashSet<>();
    Map<String, Long> states = new HashMap<>();
    long doubled = 0;
    long noReason = 0;
    for (Map<String, AttributeValue> row : rows) {
      String id = Backend.text(row, "id");
      String status = Backend.text(row, "status");
      ids.add(id);
      states.merge(status, 1L, Long::sum);
      if (ledger.timesLogged(id) > 1) {
        doubled++;
      }
      if (status.equals("failed") && Backend.text(row, "failure").isEmpty()) {
        noReason++;
      }
    }
    doubled += byMessage.values().stream().filter(count -> count > 1).count();
    long lost = acceptedIds.stream().filter(id -> !ids.contains(id)).count() + noReason;
    List<String> others = new ArrayList<>(wrong);
    others.addAll(ledger.violations());
    others.addAll(deliveries.violations());
    for (Message letter : backend.take(Backend.DEAD_LETTERS, 1_000)) {
      if (Backend.reason(letter).contains("no row")) {
        others.add("a message had no row: " + letter.body());
      }
    }
    long nanos = System.nanoTime() - begin;
    out.printf(
        Locale.ROOT,
        """
        faults: summary, seed %d, %d s
        | what | how many |
        | --- | --- |
        | notifications sent, accepted for certain | %,d, %,d |
        | logged, failed with a reason | %,d, %,d |
        | item operations | %,d |
        | requests answered 503 or 504 | %,d |
        | calls that reached the engines | %,d |
        | deliveries, consumers killed | %,d, %,d |
        | store throttled, queue away | %.1f %% of the time, %d s |
        | **lost, doubled, stuck** | **%d, %d, %d** |
        | **answers of a kind that the API doesn't name** | **%d** |
        | **other breaches of the model** | **%d** |
        """,
        seed,
        TimeUnit.NANOSECONDS.toSeconds(nanos),
        NOTIFICATIONS,
        acceptedIds.size(),
        states.getOrDefault("done", 0L),
        states.getOrDefault("failed", 0L),
        operations.get(),
        refusedForNow.sum(),
        ledger.calls(),
        deliveries.delivered(),
        deliveries.kills(),
        100.0 * throttledNanos.sum() / stormNanos.sum(),
        QUEUE_AWAY.toSeconds(),
        lost,
        doubled,
        stuck,
        odd.size(),
        others.size());
    assertThat(odd).as("seed " + seed).isEmpty();
    assertThat(others).as("seed " + seed).isEmpty();
    assertThat(List.of(lost, doubled, (long) stuck)).as("seed " + seed).containsOnly(0L);
  }
}
