package dev.asyncitems.faults;

import dev.asyncitems.faults.Scenario.Match;
import dev.asyncitems.faults.Scenario.Step;
import dev.asyncitems.http.ProblemType;
import dev.asyncitems.system.Api.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The requests and answers of clients. It judges whether a correct API could have answered this
 * way: each write has one effect, at one moment between its request and its answer. After a 503 or
 * a 504 the write may or may not have happened.
 *
 * <p>Several threads may add events. One thread judges them at the end.
 */
final class History {
  private static final Duration KEY_IS_KEPT = Duration.ofHours(24);

  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final List<String> violations = new ArrayList<>();

  /**
   * One request and its answer.
   *
   * @param name the request's unique name, which its effect carries
   * @param subject the index of the item, or the number of the key
   * @param match the version in If-Match, 0 for any version, -1 for no header
   * @param at the clock's time of the request
   * @param answer the answer, or empty if the connection broke
   */
  record Event(
      Step step,
      String name,
      int subject,
      long match,
      Instant at,
      long start,
      long end,
      Optional<Answer> answer) {
    int status() {
      return answer.map(Answer::status).orElse(0);
    }

    boolean succeeded() {
      return status() >= 200 && status() < 300;
    }

    /** Returns whether the request may or may not have had an effect. */
    boolean ambiguous() {
      return status() == 0 || status() >= 500;
    }

    boolean writesItem() {
      return step instanceof Step.Replace
          || step instanceof Step.Patch
          || step instanceof Step.Delete;
    }

    boolean deletes() {
      return step instanceof Step.Delete || step instanceof Step.Forget;
    }

    @Override
    public String toString() {
      return "%s %s, If-Match %d, at %s from %d to %d: %s"
          .formatted(
              name,
              step,
              match,
              at,
              start / 1000,
              end / 1000,
              answer.map(Answer::toString).orElse("no answer"));
    }
  }

  /** The state of an item in an answer. */
  private record Seen(long version, String name, String description) {
    static Seen of(JsonNode item) {
      return new Seen(
          item.required("version").asLong(),
          item.required("name").asString(),
          item.path("description").asString(""));
    }

    /** Returns the state after a write. */
    Seen after(Event write) {
      return write.step() instanceof Step.Replace
          ? new Seen(version + 1, write.name(), "")
          : new Seen(version + 1, name, write.name());
    }
  }

  void add(Event event) {
    events.add(event);
  }

  private void violated(String rule, Object... what) {
    violations.add(
        rule
            + ": "
            + Arrays.stream(what).map(String::valueOf).collect(Collectors.joining("\n    ")));
  }

  /**
   * Returns all contradictions.
   *
   * @param finals the last state of each shared item, or empty if it was deleted
   * @param items all items that exist
   * @param notifications all notifications that exist or are {@code deleted}
   * @param imports all imports that exist, with the names of their files
   */
  List<String> judge(
      List<Optional<JsonNode>> finals,
      List<JsonNode> items,
      List<JsonNode> notifications,
      List<JsonNode> imports) {
    events.forEach(this::judgeKind);
    for (int item = 0; item < finals.size(); item++) {
      judgeItem(item, finals.get(item));
    }
    events.stream()
        .filter(event -> event.step() instanceof Step.Forget)
        .collect(Collectors.groupingBy(Event::name))
        .forEach((id, about) -> judgeDeletions(about, listed(id, notifications)));
    judgeCreations(Step.Create.class, "name", items);
    judgeCreations(Step.Notify.class, "message", notifications);
    judgeCreations(Step.Import.class, "file", imports);
    return violations;
  }

  private static Optional<JsonNode> listed(String id, List<JsonNode> notifications) {
    return notifications.stream()
        .filter(row -> row.required("id").asString().equals(id))
        .filter(row -> !row.required("status").asString().equals("deleted"))
        .findFirst();
  }

  // ---- each answer alone ------------------------------------------------------------------------

  private void judgeKind(Event event) {
    if (event.answer().isEmpty()) {
      return; // Connections break only while something is killed.
    }
    Set<Integer> allowed =
        switch (event.step()) {
          case Step.Create create -> withKey(create.key(), 201);
          case Step.Notify notify -> withKey(notify.key(), notify.byGet() ? 200 : 202);
          case Step.Import one -> withKey(one.key(), 202);
          case Step.Look _ -> Set.of(200, 503, 504);
          case Step.Forget _ -> Set.of(204, 404, 503, 504);
          case Step.Replace replace -> withMatch(replace.match(), 200);
          case Step.Patch patch -> withMatch(patch.match(), 200);
          case Step.Delete delete -> withMatch(delete.match(), 204);
          case Step.Read _ -> Set.of(200, 404, 503, 504);
          case Step.Walk _ -> Set.of(200, 503, 504);
          case Step.Tick _ -> Set.of(200, 500);
        };
    if (!allowed.contains(event.status())) {
      violated("an answer of a kind that isn't named here", event);
    }
    if (event.status() >= 400 && !(event.step() instanceof Step.Tick)) {
      judgeProblem(event, event.answer().get());
    }
  }

  private static Set<Integer> withKey(int key, int success) {
    return key == 0 ? Set.of(success, 503, 504) : Set.of(success, 422, 503, 504);
  }

  private static Set<Integer> withMatch(Match match, int success) {
    return match == Match.SEEN
        ? Set.of(success, 404, 412, 503, 504)
        : Set.of(success, 404, 503, 504);
  }

  private void judgeProblem(Event event, Answer answer) {
    boolean known =
        answer.header("content-type").equals("application/problem+json")
            && Arrays.stream(ProblemType.values())
                .anyMatch(type ->
                    type.uri().equals(answer.text("type")) && type.status() == answer.status());
    if (!known || (answer.status() == 503 && answer.header("Retry-After").isEmpty())) {
      violated("a problem that the API doesn't name", event);
    }
  }

  // ---- shared items -----------------------------------------------------------------------------

  private void judgeItem(int item, Optional<JsonNode> last) {
    List<Event> about =
        events.stream()
            .filter(event ->
                event.subject() == item
                    && (event.writesItem() || event.step() instanceof Step.Read))
            .sorted(Comparator.comparingLong(Event::start))
            .toList();
    Map<Long, Seen> states = new TreeMap<>();
    Map<Long, Event> writers = new HashMap<>();
    for (Event event : about) {
      if (event.status() != 200) {
        continue;
      }
      Seen seen = Seen.of(event.answer().orElseThrow().json());
      see(states, seen, event);
      if (event.writesItem()) {
        Event other = writers.put(seen.version(), event);
        if (other != null) {
          violated("a version was given twice", other, event);
        }
        if (event.match() > 0 && seen.version() != event.match() + 1) {
          violated("If-Match named another version", event);
        }
      }
    }
    last.ifPresent(json -> see(states, Seen.of(json), "the end"));
    judgeChain(states, writers, about);
    judgeOrder(about);
    judgeDeletions(about, last);
    judgeRejections(about, states);
    last.ifPresent(json -> {
      long version = json.required("version").asLong();
      long acknowledged = writers.size();
      long open = about.stream().filter(e -> e.writesItem() && e.ambiguous()).count();
      if (version < 1 + acknowledged || version > 1 + acknowledged + open) {
        violated(
            "%d acknowledged writes and %d open ones made version %d"
                .formatted(acknowledged, open, version),
            about.toArray());
      }
    });
  }

  private void see(Map<Long, Seen> states, Seen seen, Object where) {
    Seen before = states.put(seen.version(), seen);
    if (before != null && !before.equals(seen)) {
      violated("one version has two contents", before, seen, where);
    }
  }

  /** Checks that each state follows from its predecessor by a single write. */
  private void judgeChain(Map<Long, Seen> states, Map<Long, Event> writers, List<Event> about) {
    List<Event> open = about.stream().filter(e -> e.writesItem() && e.ambiguous()).toList();
    for (Seen state : states.values()) {
      Seen before = states.get(state.version() - 1);
      if (before == null) {
        continue; // No answer showed the previous state.
      }
      Event writer = writers.get(state.version());
      boolean explained =
          writer != null
              ? before.after(writer).equals(state)
              : open.stream().anyMatch(write -> before.after(write).equals(state));
      if (!explained) {
        violated(
            "an update was lost or came from nowhere", before, state, Optional.ofNullable(writer));
      }
    }
  }

  /** Checks that every acknowledged write is visible to all requests that begin later. */
  private void judgeOrder(List<Event> about) {
    List<Event> seeing = about.stream().filter(event -> event.status() == 200).toList();
    for (Event later : seeing) {
      for (Event earlier : seeing) {
        if (earlier.end() < later.start()) {
          long least = version(earlier) + (later.writesItem() ? 1 : 0);
          if (version(later) < least) {
            violated("an acknowledged write is not seen", earlier, later);
          }
        }
      }
    }
  }

  private static long version(Event event) {
    return event.answer().orElseThrow().json().required("version").asLong();
  }

  private void judgeDeletions(List<Event> about, Optional<JsonNode> last) {
    List<Event> deletions = about.stream().filter(Event::deletes).toList();
    List<Event> done = deletions.stream().filter(Event::succeeded).toList();
    if (done.size() > 1) {
      violated("something was deleted twice", done.toArray());
    }
    for (Event deletion : done) {
      if (last.isPresent()) {
        violated("what was deleted is there", deletion, last.get());
      }
      about.stream()
          .filter(event -> event.start() > deletion.end() && event.succeeded())
          .forEach(event -> violated("what was deleted answered", deletion, event));
    }
    boolean mayBeGone = deletions.stream().anyMatch(e -> e.succeeded() || e.ambiguous());
    if (last.isEmpty() && !mayBeGone) {
      violated("something is gone that nobody deleted", about.toArray());
    }
    for (Event event : about) {
      boolean explained =
          deletions.stream()
              .anyMatch(d ->
                  !d.equals(event) && (d.succeeded() || d.ambiguous()) && d.start() < event.end());
      if (event.status() == 404 && !explained) {
        violated("something was missing that nobody had deleted", event);
      }
    }
  }

  /** Checks that every rejection has a reason and no effect. */
  private void judgeRejections(List<Event> about, Map<Long, Seen> states) {
    Set<String> written = new HashSet<>();
    states.values().forEach(state -> written.addAll(List.of(state.name(), state.description())));
    for (Event event : about) {
      boolean rejected = event.status() >= 400 && event.status() < 500;
      if (rejected && written.contains(event.name())) {
        violated("a rejected write had an effect", event);
      }
      boolean overtaken =
          about.stream()
              .anyMatch(other ->
                  !other.equals(event)
                      && other.writesItem()
                      && other.start() < event.end()
                      && (other.ambiguous()
                          || (other.status() == 200 && version(other) > event.match())));
      if (event.status() == 412 && !overtaken) {
        violated("a false 412", event);
      }
    }
  }

  // ---- created rows -----------------------------------------------------------------------------

  /**
   * Checks that every request has exactly one effect, or none if it was rejected. All requests with
   * the same key share one effect while the key is kept.
   */
  private void judgeCreations(Class<? extends Step> kind, String field, List<JsonNode> rows) {
    Map<String, List<JsonNode>> byName =
        rows.stream().collect(Collectors.groupingBy(row -> row.required(field).asString()));
    events.stream()
        .filter(event -> kind.isInstance(event.step()) && event.subject() == 0)
        .forEach(event -> {
          int effects = byName.getOrDefault(event.name(), List.of()).size();
          if (effects > 1
              || (event.succeeded() && effects != 1)
              || (!event.succeeded() && !event.ambiguous() && effects > 0)) {
            violated(effects + " effects of one request", event);
          }
        });
    events.stream()
        .filter(event -> kind.isInstance(event.step()) && event.subject() > 0)
        .collect(Collectors.groupingBy(Event::subject))
        .values()
        .forEach(uses -> judgeKey(uses, byName));
  }

  private void judgeKey(List<Event> uses, Map<String, List<JsonNode>> byName) {
    Map<String, JsonNode> effects = new HashMap<>();
    Map<String, String> names = new HashMap<>();
    for (String name : uses.stream().map(Event::name).collect(Collectors.toSet())) {
      for (JsonNode row : byName.getOrDefault(name, List.of())) {
        effects.put(row.required("id").asString(), row);
        names.put(row.required("id").asString(), name);
      }
    }
    List<JsonNode> inOrder =
        effects.values().stream().sorted(Comparator.comparing(History::createdAt)).toList();
    for (int i = 1; i < inOrder.size(); i++) {
      if (isKept(inOrder.get(i - 1), createdAt(inOrder.get(i)))) {
        violated("a key had two effects", inOrder.get(i - 1), inOrder.get(i), uses);
      }
    }
    Set<String> first = new HashSet<>();
    for (Event use : uses) {
      if (use.succeeded()) {
        judgeUse(use, effects, names, first);
      } else if (use.status() == 422
          && effects.entrySet().stream()
              .noneMatch(effect ->
                  !use.name().equals(names.get(effect.getKey()))
                      && isKept(effect.getValue(), use.at()))) {
        violated("a key was rejected that no other request had used", use, effects);
      }
    }
  }

  private void judgeUse(
      Event use, Map<String, JsonNode> effects, Map<String, String> names, Set<String> first) {
    Answer answer = use.answer().orElseThrow();
    String id = answer.text("id");
    @Nullable JsonNode effect = effects.get(id);
    if (effect == null || !use.name().equals(names.get(id))) {
      violated("an acknowledged effect is not there", use);
    } else if (!isKept(effect, use.at())) {
      violated("a key that had expired was answered again", use);
    } else if (answer.header("Idempotent-Replayed").isEmpty() && !first.add(id)) {
      violated("an effect was told twice as new", use);
    }
  }

  private static Instant createdAt(JsonNode row) {
    return Instant.parse(row.required("createdAt").asString());
  }

  // Expiry is stored in whole seconds.
  private static boolean isKept(JsonNode effect, Instant at) {
    return at.getEpochSecond() < createdAt(effect).plus(KEY_IS_KEPT).getEpochSecond();
  }
}
