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
import dev.asyncitems.system.ProjectTemplate;
import dev.asyncitems.system.TestClock;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;

/**
 * The long run, with {@code mvn verify -Dfaults=long}. It makes many notifications, imports and
 * changes of items while the store throttles, the queue is away, answers are lost and consumers
 * die. It is not part of the gate.
 */
@Tag("long")
final class LongRun {
  private static final int NOTIFICATIONS = Integer.getInteger("faults.notifications", 100_000);
  private static final int OPERATIONS = Integer.getInteger("faults.operations", 20_000);
  private static final int IMPORTS = Integer.getInteger("faults.imports", 400);
  private static final int MAX_LINES = 200;
  private static final int SENDERS = 16;
  private static final int IMPORTERS = 2;
  private static final int WRITERS = 4;
  private static final Map<Tasks, Integer> CONSUMERS =
      Map.of(Tasks.NOTIFICATIONS, 4, Tasks.CHUNKS, 2);
  private static final int KILLS_IN_THOUSAND = 10;
  private static final int HURRIES_IN_THOUSAND = 10;
  private static final int OPERATIONS_OF_AN_ITEM = 40;
  private static final int MAX_BACKLOG = 2_000;
  private static final Duration VISIBILITY = Duration.ofSeconds(10);
  private static final Duration QUEUE_AWAY = Duration.ofSeconds(10);
  private static final Duration PROGRESS = Duration.ofSeconds(5);
  private static final Duration MESSAGE_LIFE = ProjectTemplate.messageLife();
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
  private final AtomicInteger imports = new AtomicInteger();
  private final Set<String> acceptedImports = ConcurrentHashMap.newKeySet();
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
      Ledger ledger = new Ledger(Tasks.deadLetterQueueUrls(run));
      proxy.witness(ledger);
      FaultPlan chance = FaultPlan.of(seed, FAULTS);
      try (Deliveries logging = deliveries(Tasks.NOTIFICATIONS, run, backend, ledger);
          Deliveries importing = deliveries(Tasks.CHUNKS, run, backend, ledger)) {
        play(run, backend, proxy, ledger, List.of(logging, importing), chance);
      }
    } finally {
      System.setOut(out);
    }
  }

  private Deliveries deliveries(Tasks tasks, LocalRun run, Backend backend, Ledger ledger) {
    int consumers = CONSUMERS.getOrDefault(tasks, 1);
    return new Deliveries(tasks, run, clock, backend, ledger, consumers, VISIBILITY);
  }

  private void play(
      LocalRun run,
      Backend backend,
      FaultProxy proxy,
      Ledger ledger,
      List<Deliveries> deliveries,
      FaultPlan chance)
      throws Exception {
    Api api = new Api(run.uri());
    proxy.plan(call -> weather(call, chance));
    deliveries.forEach(each ->
        each.rage(seed, KILLS_IN_THOUSAND, HURRIES_IN_THOUSAND, call -> weather(call, chance)));
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
      for (int i = 0; i < IMPORTERS; i++) {
        SplittableRandom random = new SplittableRandom(seed - 1 - i);
        all.add(clients.submit(() -> sendFiles(api, random)));
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
      deliveries.forEach(Deliveries::calm);
      timers.shutdown();
      var _ = timers.awaitTermination(1, TimeUnit.MINUTES);
    } finally {
      timers.shutdownNow();
    }
    out.println("faults: all is sent, the weather is fair; what is left is waited for");
    int stuck = settle(run, backend, deliveries);
    List<JsonNode> imported = imports(api);
    judge(backend, ledger, deliveries, stuck, imported);
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
  private @Nullable Void takeTheQueueAway(List<Deliveries> deliveries) throws InterruptedException {
    Awaitility.await().forever().until(() -> accepted.get() >= NOTIFICATIONS / 3);
    deliveries.forEach(each -> each.pause(true));
    queueAway.set(true);
    Thread.sleep(QUEUE_AWAY);
    queueAway.set(false);
    deliveries.forEach(each -> each.pause(false));
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

  /** Imports files, half of them with a key. An uncertain request with a key is repeated. */
  private @Nullable Void sendFiles(Api api, SplittableRandom random) throws Exception {
    for (int number = imports.getAndIncrement();
        number < IMPORTS;
        number = imports.getAndIncrement()) {
      ImportFile file = ImportFile.of("f-" + number, random.nextInt(MAX_LINES) + 1);
      List<String> headers = new ArrayList<>(List.of("Content-Type", ImportFile.TYPE));
      boolean keyed = number % 2 == 0;
      if (keyed) {
        headers.addAll(List.of("Idempotency-Key", file.name()));
      }
      Sending sending =
          () -> api.send("POST", "/imports", file.text(), headers.toArray(String[]::new));
      Answer answer = keyed ? certain(sending) : sending.send();
      switch (answer.status()) {
        case 202 -> acceptedImports.add(answer.text("id"));
        case 503, 504 -> refusedForNow.increment();
        default -> odd.add(answer.toString());
      }
    }
    return null;
  }

  /** Returns all imports with their rejected lines. */
  private static List<JsonNode> imports(Api api) throws Exception {
    List<JsonNode> all = new ArrayList<>();
    String path = "/imports?limit=100";
    while (!path.isEmpty()) {
      JsonNode page = api.get(path).json();
      for (JsonNode row : page.required("imports")) {
        all.add(api.get("/imports/" + row.required("id").asString()).json());
      }
      path =
          page.has("nextCursor")
              ? "/imports?limit=100&cursor=" + page.required("nextCursor").asString()
              : "";
    }
    return all;
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
      wrong.addAll(history.judge(List.of(end), List.of(), List.of(), List.of()));
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

  private void show(Ledger ledger, List<Deliveries> deliveries) {
    out.printf(
        Locale.ROOT,
        "faults: %4d s, %,7d of %,d notifications sent, %,7d logged, %,5d chunks imported, %,6d of"
            + " %,d item operations, %,8d deliveries, %4d consumers killed, throttled %d s%n",
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
        accepted.get(),
        NOTIFICATIONS,
        ledger.logged(),
        ledger.imported(),
        operations.get(),
        OPERATIONS,
        sum(deliveries, Deliveries::delivered),
        sum(deliveries, Deliveries::kills),
        TimeUnit.NANOSECONDS.toSeconds(throttledNanos.sum()));
  }

  private static long sum(List<Deliveries> deliveries, ToLongFunction<Deliveries> count) {
    return deliveries.stream().mapToLong(count).sum();
  }

  /**
   * Advances the clock until every task has ended, and returns the number of tasks still queued.
   */
  private int settle(LocalRun run, Backend backend, List<Deliveries> deliveries) {
    int queued = 0;
    for (int round = 0; round <= MAX_DISPATCHES; round++) {
      clock.advance(MESSAGE_LIFE);
      var _ = run.fireDueSchedules();
      Awaitility.await()
          .atMost(Duration.ofMinutes(5))
          .until(() -> deliveries.stream().allMatch(Deliveries::idle));
      queued =
          (int)
              Arrays.stream(Tasks.values())
                  .flatMap(tasks -> backend.rows(tasks.table()).stream())
                  .filter(row -> Backend.text(row, "status").equals("queued"))
                  .count();
      if (queued == 0) {
        return 0;
      }
    }
    return queued;
  }

  private void judge(
      Backend backend,
      Ledger ledger,
      List<Deliveries> deliveries,
      int stuck,
      List<JsonNode> imported) {
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
    deliveries.forEach(each -> others.addAll(each.violations()));
    for (Tasks tasks : Tasks.values()) {
      for (Message letter : backend.take(tasks.deadLetters(), 1_000)) {
        if (Backend.reason(letter).contains("no row")) {
          others.add("a message had no row: " + letter.body());
        }
      }
    }
    others.addAll(judgeImports(backend, imported));
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
        | imports, chunks, items created, lines rejected | %,d, %,d, %,d, %,d |
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
        imported.size(),
        ledger.imported(),
        imported.stream().mapToInt(one -> one.required("created").asInt()).sum(),
        imported.stream().mapToInt(one -> one.required("rejected").asInt()).sum(),
        ledger.calls(),
        sum(deliveries, Deliveries::delivered),
        sum(deliveries, Deliveries::kills),
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

  /** Returns lost, doubled and unfinished imports and items. */
  private List<String> judgeImports(Backend backend, List<JsonNode> imported) {
    List<String> names =
        backend.rows("Items").stream()
            .sorted(Comparator.comparing(row -> Backend.text(row, "id")))
            .map(row -> Backend.text(row, "name"))
            .toList();
    List<String> violations = new ArrayList<>(ImportFile.judge(imported, names));
    Set<String> ids = new HashSet<>();
    Set<String> files = new HashSet<>();
    for (JsonNode one : imported) {
      ids.add(one.required("id").asString());
      if (!one.required("failures").isEmpty() && !files.add(ImportFile.of(one).name())) {
        violations.add("a file was imported twice: " + one);
      }
    }
    acceptedImports.stream()
        .filter(id -> !ids.contains(id))
        .forEach(id -> violations.add("a lost import: " + id));
    return violations;
  }
}
