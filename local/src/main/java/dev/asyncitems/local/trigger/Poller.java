package dev.asyncitems.local.trigger;

import dev.asyncitems.local.invocation.InvocationException;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Queue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * The local form of an event source mapping. It gathers batches, passes them to the function and
 * deletes messages that succeeded. A failed message stays hidden until its visibility timeout ends.
 * The queue counts receives and applies the redrive policy. Thread-safe.
 */
public final class Poller implements AutoCloseable {

  /** The maximum number of messages that one call to SQS receives or deletes. */
  private static final int CALL_LIMIT = 10;

  /**
   * The wait is short, since a pause lets a receive end. An interrupt could leave messages hidden.
   */
  private static final int WAIT_SECONDS = 1;

  private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
  private static final Duration LAST_BACKOFF = Duration.ofSeconds(2);

  private final Mapping mapping;
  private final Queue queue;
  private final String region;
  private final SqsClient sqs;
  private final Invoker invoker;
  private final RunListener listener;
  private final Semaphore permits;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean paused;
  private boolean resting;
  private volatile boolean closed;

  public Poller(
      Mapping mapping,
      Queue queue,
      String region,
      SqsClient sqs,
      Invoker invoker,
      RunListener listener) {
    this.mapping = mapping;
    this.queue = queue;
    this.region = region;
    this.sqs = sqs;
    this.invoker = invoker;
    this.listener = listener;
    this.permits = new Semaphore(mapping.maximumConcurrency());
    this.thread = Thread.ofVirtual().name("poller " + queue.id()).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    Duration backoff = FIRST_BACKOFF;
    try {
      while (!closed) {
        restWhilePaused();
        permits.acquire();
        List<Message> batch = List.of();
        try {
          batch = gather();
          backoff = FIRST_BACKOFF;
        } catch (RuntimeException e) { // The poller continues after any exception.
          if (backoff.equals(FIRST_BACKOFF) && !closed) {
            report(e);
          }
          pauseFor(backoff);
          backoff = Collections.min(List.of(backoff.multipliedBy(2), LAST_BACKOFF));
        } finally {
          if (batch.isEmpty()) {
            permits.release();
          }
        }
        if (!batch.isEmpty()) {
          List<Message> taken = batch;
          Thread.ofVirtual().name("batch " + queue.id()).start(() -> handle(taken));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The poller is closed.
    }
  }

  private void report(RuntimeException why) {
    if (why instanceof SdkException) {
      listener.trouble("Failed to receive from the queue " + queue.id() + ": " + why.getMessage());
    } else {
      failed("The poller of " + queue.id(), why);
    }
  }

  private void failed(String name, Throwable why) {
    listener.failed(name, "-", InvocationException.reason(why));
  }

  /** Waits for this time, or until the poller is paused or closed. */
  private void pauseFor(Duration time) throws InterruptedException {
    lock.lock();
    try {
      long left = time.toNanos();
      while (left > 0 && !paused && !closed) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void restWhilePaused() throws InterruptedException {
    lock.lock();
    try {
      while (paused && !closed) {
        resting = true;
        changed.signalAll();
        changed.await();
      }
      resting = false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Receives a batch: the messages of one receive or, with a window, of all receives in the window.
   */
  private List<Message> gather() {
    List<Message> batch = new ArrayList<>(receive(mapping.batchSize()));
    if (batch.isEmpty() || mapping.window().isZero()) {
      return batch;
    }
    long end = System.nanoTime() + mapping.window().toNanos();
    try {
      while (batch.size() < mapping.batchSize() && System.nanoTime() < end && !closed) {
        batch.addAll(receive(mapping.batchSize() - batch.size()));
      }
      // After a failure, the messages received so far are still handled, since other receivers
      // cannot see them.
    } catch (RuntimeException e) {
      if (!closed) {
        report(e);
      }
    }
    return batch;
  }

  private List<Message> receive(int atMost) {
    return sqs.receiveMessage(r ->
            r.queueUrl(queue.url())
                .maxNumberOfMessages(Math.min(atMost, CALL_LIMIT))
                .waitTimeSeconds(WAIT_SECONDS)
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                .messageAttributeNames("All"))
        .messages();
  }

  private void handle(List<Message> batch) {
    long begin = System.nanoTime();
    try {
      Set<String> failed = failures(batch);
      List<Message> done =
          batch.stream().filter(message -> !failed.contains(message.messageId())).toList();
      delete(done);
      listener.batch(
          mapping.functionId(),
          queue.id(),
          batch.size(),
          batch.size() - done.size(),
          Duration.ofNanos(System.nanoTime() - begin));
    } catch (RuntimeException e) {
      failed("The poller of " + queue.id(), e);
    } finally {
      permits.release();
    }
  }

  private Set<String> failures(List<Message> batch) {
    try {
      byte[] answer =
          invoker.invoke(mapping.functionId(), BatchEvent.of(batch, queue.arn(), region));
      return mapping.reportsItemFailures() ? BatchEvent.failures(answer, batch) : Set.of();
    } catch (RuntimeException | IOException e) {
      failed(mapping.functionId(), e);
      return batch.stream().map(Message::messageId).collect(Collectors.toSet());
    }
  }

  private void delete(List<Message> done) {
    for (int from = 0; from < done.size(); from += CALL_LIMIT) {
      List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
      for (Message message : done.subList(from, Math.min(from + CALL_LIMIT, done.size()))) {
        entries.add(
            DeleteMessageBatchRequestEntry.builder()
                .id(Integer.toString(entries.size()))
                .receiptHandle(message.receiptHandle())
                .build());
      }
      try {
        DeleteMessageBatchResponse response =
            sqs.deleteMessageBatch(r -> r.queueUrl(queue.url()).entries(entries));
        if (!response.failed().isEmpty()) {
          listener.trouble(
              "%s messages of %s can't be deleted: %s"
                  .formatted(
                      response.failed().size(), queue.id(), response.failed().get(0).message()));
        }
      } catch (SdkException e) {
        listener.trouble(
            "%s messages of %s can't be deleted and will be delivered again: %s"
                .formatted(entries.size(), queue.id(), e.getMessage()));
      }
    }
  }

  /** Stops receiving messages. Does not wait for running batches. */
  public void pause() {
    setPaused(true);
  }

  /** Waits until a paused poller is idle, and up to 15 minutes for its running batches. */
  public void awaitRest() {
    lock.lock();
    try {
      while (paused && !resting && !closed && thread.isAlive()) {
        // Checks every 100 ms, because a thread that ends sends no signal.
        var _ = changed.await(100, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    awaitBatches(Duration.ofMinutes(15));
  }

  private void awaitBatches(Duration time) {
    try {
      if (permits.tryAcquire(
          mapping.maximumConcurrency(), time.toMillis(), TimeUnit.MILLISECONDS)) {
        permits.release(mapping.maximumConcurrency());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public void resume() {
    setPaused(false);
  }

  private void setPaused(boolean value) {
    lock.lock();
    try {
      paused = value;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the poller without waiting. Messages of an interrupted receive become visible again after
   * their visibility timeout.
   */
  public void end() {
    closed = true;
    thread.interrupt();
  }

  /** Ends the poller and waits at most half a second for running batches. */
  @Override
  public void close() {
    end();
    awaitBatches(CLOSE_TIMEOUT);
  }
}
