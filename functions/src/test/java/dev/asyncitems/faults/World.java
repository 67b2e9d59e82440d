package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;

import dev.asyncitems.faults.History.Event;
import dev.asyncitems.faults.Scenario.Match;
import dev.asyncitems.faults.Scenario.Phase;
import dev.asyncitems.faults.Scenario.Step;
import dev.asyncitems.faults.Scenario.Weather;
import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.system.Api;
import dev.asyncitems.system.Api.Answer;
import dev.asyncitems.system.Backend;
import dev.asyncitems.system.FaultProxy;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.FaultProxy.Fault;
import dev.asyncitems.system.Lane;
import dev.asyncitems.system.ProjectTemplate;
import dev.asyncitems.system.TestClock;
import dev.asyncitems.value.Times;
import dev.asyncitems.value.UuidV7;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.quicktheories.core.Gen;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.model.Message;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The whole service on its own engines. It plays scenarios one after the other. */
final class World implements AutoCloseable {
  private static final int SHRINKS = Integer.getInteger("faults.shrinks", 20);
  private static final Map<Tasks, Integer> CONSUMERS =
      Map.of(Tasks.NOTIFICATIONS, 3, Tasks.CHUNKS, 2);
  private static final Duration VISIBILITY = Duration.ofSeconds(4);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int ALL = 1_000;
  private static final Duration MESSAGE_LIFE = ProjectTemplate.messageLife();
  private static final int MAX_DISPATCHES = 12;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Set<String> TOMBSTONE =
      Set.of("id", "status", "deletedAt", "expiresAt", "lastWrite");
  private static final int KILLS_IN_THOUSAND = 150;
  private static final int HURRIES_IN_THOUSAND = 100;

  private final TestClock clock = new TestClock();
  private final FaultProxy proxy;
  private final LocalRun run;
  private final Backend backend;
  private final Api api;
  private final Ledger ledger;
  private final List<Deliveries> deliveries = new ArrayList<>();
  private final Duration visibility;
  private final byte[] tick;
  private final AtomicInteger names = new AtomicInteger();
  private final Set<String> known = ConcurrentHashMap.newKeySet();
  private final Set<String> repeated = new HashSet<>();
  private final List<String> imports = new CopyOnWriteArrayList<>();
  // The accepted notifications of a scenario: the names of their requests, by id.
  private final Map<String, String> notifications = new ConcurrentSkipListMap<>();
  private int scenarios;

  World() throws IOException {
    proxy = FaultProxy.open();
    proxy.forgetCalls();
    run = Lane.run().clock(clock).withoutPollers().environment(proxy.environment()).start();
    proxy.targets(run.dynamoDbEndpoint(), run.sqsEndpoint());
    backend = new Backend(run);
    api = new Api(run.uri());
    ledger = new Ledger(Tasks.deadLetterQueueUrls(run));
    proxy.witness(ledger);
    CONSUMERS.forEach((tasks, consumers) ->
        deliveries.add(new Deliveries(tasks, run, clock, backend, ledger, consumers, VISIBILITY)));
    visibility = run.template().queue(Tasks.CHUNKS.queue()).visibilityTimeout();
    tick = Files.readAllBytes(Path.of(System.getProperty("events"), "relay-outbox.json"));
  }

  /**
   * Plays at least {@code examples} generated scenarios. A failing scenario is shrunk. The error
   * names the seed that produced it.
   */
  void playAny(Gen<Scenario> scenarios, int examples) {
    long seed = Long.getLong("faults.seed", new Random().nextLong());
    AtomicInteger played = new AtomicInteger();
    try {
      qt().withFixedSeed(seed)
          .withExamples(examples + 1)
          .withUnlimitedTestingTime()
          .withShrinkCycles(SHRINKS)
          .forAll(scenarios)
          .checkAssert(scenario -> {
            played.incrementAndGet();
            play(scenario);
          });
    } catch (AssertionError e) {
      throw new AssertionError("-Dfaults.seed=" + seed + " repeats it: " + e.getMessage(), e);
    }
    assertThat(played).hasValueGreaterThanOrEqualTo(examples);
  }

  /** Plays a scenario and fails if the result contradicts the model. */
  void play(Scenario scenario) {
    try {
      playAndJudge(scenario);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void playAndJudge(Scenario scenario) throws IOException, InterruptedException {
    scenarios++;
    imports.clear();
    notifications.clear();
    History history = new History();
    List<String> items = new ArrayList<>();
    for (int i = 0; i < Scenario.ITEMS; i++) {
      items.add(api.send("POST", "/items", "{\"name\":\"shared\",\"price\":1}").text("id"));
    }
    List<String> violations = new ArrayList<>();
    FaultPlan plan = FaultPlan.of(scenario.faults());
    deliveries.forEach(
        each -> each.rage(scenario.seed(), KILLS_IN_THOUSAND, HURRIES_IN_THOUSAND, plan));
    for (Phase phase : scenario.phases()) {
      clock.advance(phase.jump());
      Function<Call, Fault> faults =
          phase.weather() == Weather.QUEUE_AWAY
              ? call -> call.service().equals(Call.SQS) ? Fault.REFUSE : plan.apply(call)
              : plan;
      proxy.plan(faults);
      if (phase.weather() == Weather.THROTTLED) {
        throttle(phase, items, history, violations);
      } else {
        play(phase, items, history);
      }
    }
    proxy.heal();
    deliveries.forEach(Deliveries::calm);
    settle(new Client(items, history), violations);
    replayFailedChunks(violations);
    List<Optional<JsonNode>> finals = new ArrayList<>();
    for (String item : items) {
      Answer last = api.get("/items/" + item);
      finals.add(last.status() == 200 ? Optional.of(last.json()) : Optional.empty());
    }
    List<JsonNode> newItems = news(walk("items").orElseThrow());
    List<JsonNode> allNotifications = walk("notifications").orElseThrow();
    allNotifications.addAll(deleted(violations));
    List<JsonNode> newNotifications = news(allNotifications);
    List<JsonNode> newImports = new ArrayList<>();
    for (JsonNode row : news(walk("imports").orElseThrow())) {
      JsonNode whole = api.get("/imports/" + row.required("id").asString()).json();
      newImports.add(whole);
      if (!whole.required("failures").isEmpty()) {
        ((ObjectNode) whole).put("file", ImportFile.of(whole).name());
      }
    }
    violations.addAll(
        ImportFile.judge(
            newImports,
            newItems.reversed().stream().map(row -> row.required("name").asString()).toList()));
    newImports.removeIf(row -> !row.has("file"));
    violations.addAll(history.judge(finals, newItems, newNotifications, newImports));
    violations.addAll(ledger.violations());
    deliveries.forEach(each -> violations.addAll(each.violations()));
    judgeNotifications(newNotifications, violations);
    for (Tasks tasks : Tasks.values()) {
      judgeRepetition(tasks, violations);
      backend.purge(tasks.queue());
      backend.purge(tasks.deadLetters());
    }
    ledger.violations().clear();
    deliveries.forEach(each -> each.violations().clear());
    assertThat(violations).as("violations").isEmpty();
  }

  private List<JsonNode> news(List<JsonNode> rows) {
    return rows.stream().filter(row -> known.add(row.required("id").asString())).toList();
  }

  private void play(Phase phase, List<String> items, History history) {
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (List<Step> steps : phase.clients()) {
        Client client = new Client(items, history);
        all.add(
            clients.submit(() -> {
              for (Step step : steps) {
                client.take(step);
              }
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Plays a phase while Lambda receives messages and invokes nothing, for an hour. A message comes
   * back after each visibility timeout, and each receipt counts.
   */
  private void throttle(Phase phase, List<String> items, History history, List<String> violations) {
    deliveries.forEach(Deliveries::calm);
    Awaitility.await().atMost(PATIENCE).until(this::idle);
    deliveries.forEach(each -> each.pause(true));
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> deliveries.stream().allMatch(Deliveries::rests));
    play(phase, items, history);
    Set<String> healthy = ids("queued");
    Set<String> failedBefore = ids("failed");
    int receipts = 0;
    for (int round = 0; round < HOUR.dividedBy(visibility); round++) {
      for (Tasks tasks : Tasks.values()) {
        List<Message> throttled = backend.take(tasks.queue(), ALL);
        throttled.forEach(message -> backend.release(tasks.queue(), message));
        receipts += throttled.size();
      }
      clock.advance(visibility);
      var _ = run.fireDueSchedules();
    }
    deliveries.forEach(each -> each.pause(false));
    Awaitility.await().atMost(PATIENCE).until(this::idle);
    if (receipts < healthy.size() * HOUR.dividedBy(visibility)) {
      violations.add(receipts + " receipts are too few for " + healthy.size() + " messages");
    }
    Set<String> failed = ids("failed");
    failed.removeAll(failedBefore);
    failed.forEach(id -> violations.add("failed although it was only throttled: " + id));
    ids("queued").forEach(id -> violations.add("not done after the throttling: " + id));
    for (Tasks tasks : Tasks.values()) {
      backend.take(tasks.deadLetters(), ALL).stream()
          .map(Message::body)
          .filter(body -> healthy.stream().anyMatch(body::contains))
          .forEach(body -> violations.add("dead-lettered although it was only throttled: " + body));
    }
  }

  private boolean idle() {
    return deliveries.stream().allMatch(Deliveries::idle);
  }

  private Set<String> ids(String status) {
    return tasks(status).stream().map(row -> Backend.text(row, "id")).collect(Collectors.toSet());
  }

  /** A client that remembers the versions it has seen. */
  private final class Client {
    private final List<String> items;
    private final History history;
    private final Map<Integer, Long> seen = new HashMap<>();
    private final Map<String, JsonNode> progress = new HashMap<>();

    Client(List<String> items, History history) {
      this.items = items;
      this.history = history;
    }

    void take(Step step) throws InterruptedException {
      String name = "request-" + names.incrementAndGet();
      switch (step) {
        case Step.Create(int key, int variant) -> {
          String what = key == 0 ? name : keyed("items", key, variant);
          call(
              step,
              what,
              key,
              -1,
              () ->
                  api.send(
                      "POST",
                      "/items",
                      "{\"name\":\"%s\",\"price\":1}".formatted(what),
                      key("items", key)));
        }
        case Step.Notify(int key, int variant, boolean byGet) -> {
          String what =
              key == 0 ? name : keyed("notifications", key, byGet ? 2 + variant : variant);
          Event event =
              call(
                  step,
                  what,
                  key,
                  -1,
                  () ->
                      byGet
                          ? api.get("/send-notification?message=" + what, key("notifications", key))
                          : api.send(
                              "POST",
                              "/notifications",
                              "{\"message\":\"%s\"}".formatted(what),
                              key("notifications", key)));
          if (event.succeeded()) {
            notifications.put(event.answer().orElseThrow().text("id"), what);
          }
        }
        case Step.Forget(int number) -> {
          List<String> ids = List.copyOf(notifications.keySet());
          if (!ids.isEmpty()) {
            String id = ids.get(number % ids.size());
            call(step, id, -1, -1, () -> api.send("DELETE", "/notifications/" + id, ""));
          }
        }
        case Step.Import(int key, int lines) -> {
          ImportFile file =
              key == 0 ? ImportFile.of(name, lines) : new ImportFile(keyed("imports", key, lines));
          List<String> headers = new ArrayList<>(List.of(key("imports", key)));
          headers.addAll(List.of("Content-Type", ImportFile.TYPE));
          Event event =
              call(
                  step,
                  file.name(),
                  key,
                  -1,
                  () -> api.send("POST", "/imports", file.text(), headers.toArray(String[]::new)));
          if (event.succeeded()) {
            imports.add(event.answer().orElseThrow().text("id"));
          }
        }
        case Step.Look(int number) -> {
          if (!imports.isEmpty()) {
            look(imports.get(number % imports.size()));
          }
        }
        case Step.Replace(int item, Match match) ->
            change(step, name, item, match, "PUT", "{\"name\":\"%s\",\"price\":1}".formatted(name));
        case Step.Patch(int item, Match match) ->
            change(step, name, item, match, "PATCH", "{\"description\":\"%s\"}".formatted(name));
        case Step.Delete(int item, Match match) -> change(step, name, item, match, "DELETE", "");
        case Step.Read(int item) ->
            call(step, name, item, -1, () -> api.get("/items/" + items.get(item)));
        case Step.Walk(String list) -> walked(list);
        case Step.Tick() -> {
          try {
            run.invoke(Backend.RELAY, tick);
          } catch (InvocationException e) {
            // A run may fail while SQS is away. The next run sends its messages.
          }
        }
      }
    }

    private void change(Step step, String name, int item, Match match, String method, String body)
        throws InterruptedException {
      long version =
          switch (match) {
            case NONE -> -1;
            case ANY -> 0;
            case SEEN -> seen.getOrDefault(item, 1L);
          };
      String[] headers =
          version < 0
              ? new String[0]
              : new String[] {"If-Match", version == 0 ? "*" : "\"" + version + "\""};
      call(
          step,
          name,
          item,
          version,
          () -> api.send(method, "/items/" + items.get(item), body, headers));
    }

    /** Reads the progress of an import. It must not go back. */
    private void look(String id) throws InterruptedException {
      Event event = call(new Step.Look(0), id, -1, -1, () -> api.get("/imports/" + id));
      if (event.status() == 200) {
        JsonNode now = event.answer().orElseThrow().json();
        @Nullable JsonNode before = progress.put(id, now);
        assertThat(before != null && ImportFile.wentBack(before, now))
            .as("the progress went back from %s to %s", before, now)
            .isFalse();
      }
    }

    /** Reads the progress of all imports that this client has not seen done. */
    void lookAtAll() throws InterruptedException {
      for (String id : Set.copyOf(imports)) {
        @Nullable JsonNode before = progress.get(id);
        if (before == null || !before.required("status").asString().equals("done")) {
          look(id);
        }
      }
    }

    private Event call(Step step, String name, int subject, long match, Sending sending)
        throws InterruptedException {
      var at = clock.instant();
      long start = System.nanoTime();
      Optional<Answer> answer;
      try {
        answer = Optional.of(sending.send());
      } catch (IOException e) {
        answer = Optional.empty();
      }
      Event event = new Event(step, name, subject, match, at, start, System.nanoTime(), answer);
      if (event.status() == 200 && (event.writesItem() || step instanceof Step.Read)) {
        seen.put(subject, event.answer().orElseThrow().json().required("version").asLong());
      }
      history.add(event);
      return event;
    }

    // Checks a walk through a list. It must return each row once if the row existed before and
    // after.
    private void walked(String list) throws InterruptedException {
      Set<String> before = there(list);
      Optional<List<JsonNode>> walked;
      try {
        walked = walk(list);
      } catch (IOException e) {
        return;
      }
      if (walked.isEmpty()) {
        return;
      }
      List<String> ids = walked.get().stream().map(row -> row.required("id").asString()).toList();
      Set<String> after = there(list);
      assertThat(ids).as("a walk through " + list).doesNotHaveDuplicates();
      before.retainAll(after);
      assertThat(ids).as("a walk through " + list).containsAll(before);
    }
  }

  @FunctionalInterface
  private interface Sending {
    Answer send() throws IOException, InterruptedException;
  }

  /** Returns the notifications of this scenario that were deleted, as they were accepted. */
  private List<JsonNode> deleted(List<String> violations) {
    List<JsonNode> deleted = new ArrayList<>();
    for (Map<String, AttributeValue> row : backend.rows()) {
      String id = Backend.text(row, "id");
      if (row.containsKey("deletedAt") && notifications.containsKey(id)) {
        if (!row.keySet().equals(TOMBSTONE)) {
          violations.add("a tombstone was written to: " + row);
        }
        deleted.add(
            Api.JSON
                .createObjectNode()
                .put("id", id)
                .put("message", notifications.get(id))
                .put("createdAt", Times.text(UuidV7.time(UUID.fromString(id))))
                .put("status", "deleted"));
      }
    }
    return deleted;
  }

  private Set<String> there(String list) {
    return backend.rows(list.equals("items") ? "Items" : "Notifications").stream()
        .filter(row -> !row.containsKey("deletedAt"))
        .map(row -> Backend.text(row, "id"))
        .collect(Collectors.toSet());
  }

  // Repetitions within a scenario get the same name, other scenarios get another. The name
  // identifies a request with a key.
  private String keyed(String list, int key, int variant) {
    return "%s-%d-%d-%d".formatted(list, scenarios, key, variant);
  }

  private String[] key(String list, int key) {
    return key == 0
        ? new String[0]
        : new String[] {"Idempotency-Key", "%s-%d-%d".formatted(list, scenarios, key)};
  }

  /** Returns all rows of a list, page by page, or empty if a page failed. */
  private Optional<List<JsonNode>> walk(String list) throws IOException, InterruptedException {
    List<JsonNode> rows = new ArrayList<>();
    String first = "/" + list + "?limit=100";
    String path = first;
    while (!path.isEmpty()) {
      Answer page = api.get(path);
      if (page.status() >= 500) {
        return Optional.empty();
      }
      page.json().required(list).forEach(rows::add);
      path = page.json().has("nextCursor") ? first + "&cursor=" + page.text("nextCursor") : "";
    }
    return Optional.of(rows);
  }

  /** Advances the clock until the background tasks have ended. */
  private void settle(Client watcher, List<String> violations) {
    for (int round = 0; round <= MAX_DISPATCHES; round++) {
      clock.advance(MESSAGE_LIFE);
      var _ = run.fireDueSchedules();
      try {
        Awaitility.await()
            .pollInterval(Duration.ofMillis(20))
            .atMost(PATIENCE)
            .until(() -> {
              watcher.lookAtAll();
              return idle();
            });
      } catch (ConditionTimeoutException e) {
        violations.add("the queues aren't done in " + PATIENCE);
        return;
      }
      if (tasks("queued").isEmpty()) {
        return;
      }
    }
    tasks("queued").forEach(row -> violations.add("a task is stuck: " + Backend.text(row, "id")));
  }

  private List<Map<String, AttributeValue>> tasks(String status) {
    return Arrays.stream(Tasks.values()).flatMap(tasks -> rows(tasks, status).stream()).toList();
  }

  private List<Map<String, AttributeValue>> rows(Tasks tasks, String status) {
    return backend.rows(tasks.table()).stream()
        .filter(row -> Backend.text(row, "status").equals(status))
        .toList();
  }

  private void replayFailedChunks(List<String> violations) {
    for (Map<String, AttributeValue> row : rows(Tasks.CHUNKS, "failed")) {
      Message letter = Backend.message(Backend.text(row, "id"));
      if (!backend.consume(Tasks.CHUNKS.consumer(), List.of(letter)).isEmpty()) {
        violations.add("a replay did not finish the chunk " + row);
      }
    }
  }

  /** Checks that each notification is logged once, deleted, or failed with a reason. */
  private void judgeNotifications(List<JsonNode> notifications, List<String> violations) {
    for (JsonNode notification : notifications) {
      String id = notification.required("id").asString();
      switch (notification.required("status").asString()) {
        case "logged" -> {
          if (ledger.timesLogged(id) != 1) {
            violations.add("logged " + ledger.timesLogged(id) + " times: " + notification);
          }
        }
        case "deleted" -> {
          if (ledger.timesLogged(id) > 1) {
            violations.add("logged twice, then deleted: " + notification);
          }
        }
        case "failed" -> {
          if (notification.path("failure").asString("").isEmpty()) {
            violations.add("failed without a reason: " + notification);
          }
        }
        default -> violations.add("neither logged nor failed: " + notification);
      }
    }
  }

  /** Checks that a late duplicate message changes nothing. */
  private void judgeRepetition(Tasks tasks, List<String> violations) {
    List<Map<String, AttributeValue>> before = rows(tasks, "done");
    List<Message> again =
        before.stream()
            .map(row -> Backend.text(row, "id"))
            .filter(repeated::add)
            .map(Backend::message)
            .toList();
    for (int from = 0; from < again.size(); from += 10) {
      List<Message> batch = again.subList(from, Math.min(from + 10, again.size()));
      if (!backend.consume(tasks.consumer(), batch).isEmpty()) {
        violations.add("a message that came again was not done");
      }
    }
    if (!Set.copyOf(rows(tasks, "done")).equals(Set.copyOf(before))) {
      violations.add("a message that came again changed its row");
    }
    for (Message letter : backend.take(tasks.deadLetters(), 100)) {
      if (Backend.reason(letter).contains("no row")) {
        violations.add("a message had no row: " + letter.body());
      }
    }
  }

  @Override
  public void close() {
    deliveries.forEach(Deliveries::close);
    backend.close();
    run.close();
    proxy.close();
  }
}
