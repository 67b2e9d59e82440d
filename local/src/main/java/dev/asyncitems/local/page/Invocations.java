package dev.asyncitems.local.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.invocation.Handlers;
import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.local.invocation.InvocationListener;
import dev.asyncitems.local.invocation.StackTraces;
import dev.asyncitems.local.page.Payload.Kind;
import dev.asyncitems.local.page.Payload.Outcome;
import dev.asyncitems.local.page.Payload.Trigger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The last invocations of each function, and the lines that they printed. A line belongs to the
 * invocation whose thread printed it. Otherwise, it belongs to the invocation whose request id it
 * contains. Thread-safe.
 */
final class Invocations implements InvocationListener {

  /** The maximum number of invocations kept for a function. */
  static final int KEPT = 50;

  /** The maximum size of an invocation's kept log lines, in characters. */
  static final int LOG_LIMIT = 16 * 1024;

  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private final StackTraces traces;
  private final Runnable changed;
  private final Map<String, History> histories = new HashMap<>();
  private final Map<String, One> byRequest = new HashMap<>();

  private static final class History {
    final Deque<One> last = new ArrayDeque<>();
    int invocations;
    int running;
    int failed;
  }

  private static final class One {
    final String requestId;
    final Instant begin;
    final Trigger trigger;
    final boolean cold;
    final List<String> log = new ArrayList<>();
    int logged;
    int omitted;
    Duration time = Duration.ZERO;
    Outcome outcome = new Outcome(Kind.RUNNING, "running");

    One(String requestId, Instant begin, byte[] event, boolean cold) {
      this.requestId = requestId;
      this.begin = begin;
      this.trigger = Payload.trigger(event);
      this.cold = cold;
    }
  }

  /** Creates an empty history. {@code changed} runs after each change and must not block. */
  Invocations(StackTraces traces, Runnable changed) {
    this.traces = traces;
    this.changed = changed;
  }

  @Override
  public void began(String functionId, String requestId, byte[] event, boolean cold) {
    One one = new One(requestId, Instant.now(), event, cold);
    synchronized (this) {
      History history = histories.computeIfAbsent(functionId, id -> new History());
      history.invocations++;
      history.running++;
      history.last.addFirst(one);
      byRequest.put(requestId, one);
      if (history.last.size() > KEPT) {
        byRequest.remove(history.last.removeLast().requestId);
      }
    }
    changed.run();
  }

  @Override
  public void answered(String functionId, String requestId, Duration time, byte[] answer) {
    ended(functionId, requestId, time, one -> Payload.outcome(one.trigger.messages(), answer));
  }

  @Override
  public void failed(String functionId, String requestId, Duration time, InvocationException why) {
    String words = why.timedOut() ? "timed out" : "threw " + why.getCause();
    if (!why.timedOut() && why.getCause() != null) {
      log(requestId, String.join("\n    ", traces.lines(why.getCause())));
    }
    ended(functionId, requestId, time, one -> new Outcome(Kind.FAILED, cut(words, LOG_LIMIT)));
  }

  private void ended(
      String functionId, String requestId, Duration time, Function<One, Outcome> outcome) {
    synchronized (this) {
      History history = histories.computeIfAbsent(functionId, id -> new History());
      history.running--;
      One one = byRequest.get(requestId);
      if (one != null) {
        one.time = time;
        one.outcome = outcome.apply(one);
        history.failed += one.outcome.kind() == Kind.FAILED ? 1 : 0;
      }
    }
    changed.run();
  }

  /** Adds a line that the current thread printed. */
  void printed(String line) {
    Optional<String> request;
    synchronized (this) {
      request =
          Handlers.currentRequest()
              .filter(byRequest::containsKey)
              .or(() ->
                  ID.matcher(line)
                      .results()
                      .map(MatchResult::group)
                      .filter(byRequest::containsKey)
                      .findFirst());
    }
    request.ifPresent(id -> {
      log(id, traces.readable(line.stripTrailing())); // It reads files, so it holds no lock.
      changed.run();
    });
  }

  private synchronized void log(String requestId, String line) {
    One one = byRequest.get(requestId);
    if (one == null) {
      return;
    }
    if (one.logged >= LOG_LIMIT) {
      one.omitted++;
      return;
    }
    String kept = cut(line, LOG_LIMIT - one.logged);
    one.log.add(kept);
    one.logged += kept.length() + 1;
  }

  private static String cut(String text, int limit) {
    return text.length() <= limit ? text : text.substring(0, limit) + " ...";
  }

  /** Adds a function's counts and its last invocation to a JSON object. */
  synchronized void summary(String functionId, ObjectNode json) {
    History history = histories.getOrDefault(functionId, new History());
    json.put("invocations", history.invocations);
    json.put("running", history.running);
    json.put("failed", history.failed);
    if (!history.last.isEmpty()) {
      add(history.last.getFirst(), json.putObject("last"));
    }
  }

  /** Adds the last invocations of a function to a JSON array, newest first. */
  synchronized void list(String functionId, ArrayNode json) {
    for (One one : histories.getOrDefault(functionId, new History()).last) {
      ObjectNode object = json.addObject();
      add(one, object);
      object.put("requestId", one.requestId);
      one.log.forEach(object.putArray("log")::add);
      object.put("omitted", one.omitted);
    }
  }

  private static void add(One one, ObjectNode json) {
    json.put("begin", one.begin.toString());
    json.put("trigger", one.trigger.words());
    json.put("cold", one.cold);
    json.put("kind", one.outcome.kind().name().toLowerCase(Locale.ROOT));
    json.put("outcome", one.outcome.words());
    json.put("milliseconds", one.time.toNanos() / 1_000_000.0);
  }
}
