package dev.asyncitems.local.trigger;

import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Queue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * Does for one mapping what Lambda's event source mapping does: gathers batches, hands them to the
 * function, deletes what succeeded. What failed stays until its visibility timeout ends; the queue
 * itself counts the receives and redrives. Thread-safe.
 */
public final class Poller implements AutoCloseable {

  /** How many batches Lambda works on at first, where no maximum is set. */
  private static final int USUAL_CONCURRENCY = 5;

  /** Messages that one call receives or deletes at most. */
  private static final int CALL_LIMIT = 10;

  /** Short, so that a pause never has to break a call off: its messages would stay hidden. */
  private static final int WAIT_SECONDS = 1;

  private static final Duration CLOSE_PATIENCE = Duration.ofMillis(500);
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
  private static final Duration LAST_BACKOFF = Duration.ofSeconds(2);

  private final Mapping mapping;
  private final Queue queue;
  private final String region;
  private final SqsClient sqs;
  private final Invoker invoker;
  private final int concurrency;
  private final Semaphore permits;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean paused;
  private boolean resting;
  private volatile boolean closed;

  private Poller(Mapping mapping, Queue queue, String region, SqsClient sqs, Invoker invoker) {
    this.mapping = mapping;
    this.queue = queue;
    this.region = region;
    this.sqs = sqs;
    this.invoker = invoker;
    Integer maximum = mapping.maximumConcurrency();
    this.concurrency = maximum == null ? USUAL_CONCURRENCY : maximum;
    this.permits = new Semaphore(concurrency);
    this.thread = Thread.ofVirtual().name("poller " + queue.id()).unstarted(this::run);
  }

  /** Starts to poll. */
  public static Poller start(
      Mapping mapping, Queue queue, String region, SqsClient sqs, Invoker invoker) {
    Poller poller = new Poller(mapping, queue, region, sqs, invoker);
    poller.thread.start();
    return poller;
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
        } catch (RuntimeException e) { // whatever it is, the poller goes on
          if (backoff.equals(FIRST_BACKOFF) && !closed) {
            tell(e);
          }
          pauseFor(backoff);
          backoff = min(backoff.multipliedBy(2), LAST_BACKOFF);
        } finally {
          if (batch.isEmpty()) {
            permits.release();
          }
        }
        if (!batch.isEmpty()) {
          List<Message> taken = batch;
          Thread.ofVirtual().name("batch " + queue.id()).start(() -> workOn(taken));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private void tell(RuntimeException why) {
    if (why instanceof SdkException) {
      invoker.trouble("The queue " + queue.id() + " is away: " + why.getMessage());
    } else {
      invoker.failed("The poller of " + queue.id(), why);
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** Waits, but no longer than until a pause or the end. */
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

  /** One batch: what the first receive gives, or with a window what comes until it ends. */
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
    } catch (RuntimeException e) { // the messages before are received: nobody else gets them now
      if (!closed) {
        tell(e);
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

  private void workOn(List<Message> batch) {
    long begin = System.nanoTime();
    try {
      Set<String> failed = failures(batch);
      List<Message> done = new ArrayList<>();
      for (Message message : batch) {
        if (failed == null || !failed.contains(message.messageId())) {
          done.add(message);
        }
      }
      if (failed == null) {
        done.clear();
      }
      delete(done);
      invoker.batch(
          mapping.functionId(),
          queue.id(),
          batch.size(),
          batch.size() - done.size(),
          Duration.ofNanos(System.nanoTime() - begin));
    } catch (RuntimeException e) {
      invoker.failed("The poller of " + queue.id(), e);
    } finally {
      permits.release();
    }
  }

  /** The ids of the failed messages; null if all failed. */
  private @Nullable Set<String> failures(List<Message> batch) {
    try {
      byte[] answer =
          invoker.invoke(mapping.functionId(), BatchEvent.of(batch, queue.arn(), region));
      return mapping.reportsItemFailures() ? BatchEvent.failures(answer, batch) : Set.of();
    } catch (RuntimeException | IOException e) {
      invoker.failed(mapping.functionId(), e);
      return null;
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
        if (response.hasFailed() && !response.failed().isEmpty()) {
          invoker.trouble(
              response.failed().size()
                  + " messages of "
                  + queue.id()
                  + " can't be deleted: "
                  + response.failed().get(0).message());
        }
      } catch (SdkException e) {
        invoker.trouble(
            entries.size()
                + " messages of "
                + queue.id()
                + " can't be deleted and come again: "
                + e.getMessage());
      }
    }
  }

  /** Tells the poller to take no more messages, without waiting. */
  public void pause() {
    lock.lock();
    try {
      paused = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a paused poller rests and the batches that it had taken are done. */
  public void awaitRest() {
    lock.lock();
    try {
      while (paused && !resting && !closed && thread.isAlive()) {
        // looked at again now and then: a thread that ends does not tell
        var _ = changed.await(100, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    var _ = awaitBatches(Duration.ofMinutes(15));
  }

  private boolean awaitBatches(Duration time) {
    try {
      if (permits.tryAcquire(concurrency, time.toMillis(), TimeUnit.MILLISECONDS)) {
        permits.release(concurrency);
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** Goes on after {@link #pause()}. */
  public void resume() {
    lock.lock();
    try {
      paused = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells the poller to end, without waiting. Its receive is broken off: what that would have given
   * comes again once its visibility timeout is over.
   */
  public void end() {
    closed = true;
    thread.interrupt();
  }

  /** Stops for good: waits half a second at most for the batches that are under way. */
  @Override
  public void close() {
    end();
    var _ = awaitBatches(CLOSE_PATIENCE);
  }
}
