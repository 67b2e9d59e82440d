package dev.asyncitems.local.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.asyncitems.local.invocation.RunListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A listener that keeps the events that belong to no invocation, such as rejected tokens and errors
 * of the compiler. It passes all events on. Thread-safe.
 */
final class Notices implements RunListener {

  /** The maximum number of kept notices. */
  static final int KEPT = 20;

  private final RunListener next;
  private final Runnable changed;
  private final Deque<Notice> notices = new ArrayDeque<>();

  /** {@code times} counts the notices with this text. {@code time} is the time of the last one. */
  private record Notice(Instant time, String text, int times) {}

  /** Creates an empty list. {@code changed} runs after each notice and must not block. */
  Notices(RunListener next, Runnable changed) {
    this.next = next;
    this.changed = changed;
  }

  private void add(String text) {
    String shown = View.cut(text);
    synchronized (this) {
      int before =
          notices.stream().filter(one -> one.text().equals(shown)).mapToInt(Notice::times).sum();
      notices.removeIf(one -> one.text().equals(shown));
      notices.addFirst(new Notice(Instant.now(), shown, before + 1));
      if (notices.size() > KEPT) {
        notices.removeLast();
      }
    }
    changed.run();
  }

  /** Adds the notices to a JSON array, newest first. */
  synchronized void list(ArrayNode json) {
    for (Notice one : notices) {
      String times = one.times() == 1 ? "" : " (" + one.times() + " times)";
      json.addObject().put("time", one.time().toString()).put("text", one.text() + times);
    }
  }

  @Override
  public void answered(String method, String path, int status, String functionId, Duration time) {
    next.answered(method, path, status, functionId, time);
  }

  @Override
  public void denied(String method, String path, int status, String why) {
    add(method + " " + path + " was answered with " + status + ": " + why);
    next.denied(method, path, status, why);
  }

  @Override
  public void batch(String functionId, String queueId, int messages, int failed, Duration time) {
    next.batch(functionId, queueId, messages, failed, time);
  }

  @Override
  public void tick(String functionId, String scheduleId, boolean succeeded, Duration time) {
    next.tick(functionId, scheduleId, succeeded, time);
  }

  @Override
  public void failed(String functionId, String requestId, Throwable why) {
    next.failed(functionId, requestId, why);
  }

  @Override
  public void reloaded(int functions, Duration time) {
    add("reloaded after " + time.toMillis() + " ms");
    next.reloaded(functions, time);
  }

  @Override
  public void notCompiled(List<String> errors) {
    add("not compiled, the previous classes stay in use:\n" + String.join("\n", errors));
    next.notCompiled(errors);
  }

  @Override
  public void trouble(String sentence) {
    add(sentence);
    next.trouble(sentence);
  }
}
