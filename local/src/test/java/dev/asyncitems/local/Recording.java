package dev.asyncitems.local;

import dev.asyncitems.local.invocation.RunListener;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A listener that records a run's events as lines. */
final class Recording implements RunListener {

  final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  final BlockingQueue<String> batches = new LinkedBlockingQueue<>();
  final BlockingQueue<String> ticks = new LinkedBlockingQueue<>();
  final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
  final BlockingQueue<String> troubles = new LinkedBlockingQueue<>();
  final BlockingQueue<String> denials = new LinkedBlockingQueue<>();

  @Override
  public void answered(String method, String path, int status, String functionId, Duration time) {
    answers.add(method + " " + path + " " + status + " " + functionId);
  }

  @Override
  public void denied(String method, String path, int status, String why) {
    denials.add(status + " " + why);
  }

  @Override
  public void batch(String functionId, String queueId, int messages, int failed, Duration time) {
    batches.add(queueId + " " + messages + " messages, " + failed + " failed");
  }

  @Override
  public void tick(String functionId, String scheduleId, boolean succeeded, Duration time) {
    ticks.add(functionId + " " + scheduleId + " " + succeeded);
  }

  @Override
  public void failed(String functionId, String requestId, Throwable why) {
    failures.add(why);
  }

  @Override
  public void trouble(String sentence) {
    troubles.add(sentence);
  }

  /** Returns the next event of a queue. Waits up to 20 s. */
  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing came within 20 s");
    }
    return next;
  }
}
