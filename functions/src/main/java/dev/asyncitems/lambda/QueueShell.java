package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.metric.Metric;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Works on a batch of the queue, all messages at once, and returns those that failed, so that only
 * they are delivered again ("Handling errors for an SQS event source in Lambda", partial batch
 * responses). Safe for use by any number of threads.
 */
public final class QueueShell {
  private final Function<SQSMessage, Work> reader;
  private final Log log;

  /**
   * @param reader says what is to be done of a message; if it throws, the message counts as not
   *     done
   */
  public QueueShell(Function<SQSMessage, Work> reader, Log log) {
    this.reader = reader;
    this.log = log;
  }

  /**
   * What is to be done of a message.
   *
   * @param fields what its log line holds, whatever becomes of it
   * @param job does it; if it throws, or its future fails, it counts as not done
   */
  public record Work(Map<String, String> fields, Function<Deadline, CompletableFuture<Done>> job) {}

  /**
   * What became of a message.
   *
   * @param done false when it is to be delivered again
   * @param outcome one word for the log
   * @param fields more for the log
   * @param metrics counted with the log line
   * @param failure why it was not done
   */
  public record Done(
      boolean done,
      String outcome,
      Map<String, String> fields,
      Map<Metric, Long> metrics,
      Optional<Throwable> failure) {}

  /**
   * Works on one batch.
   *
   * @throws RuntimeException if the event cannot be read: Lambda counts an error, and SQS delivers
   *     the whole batch again
   */
  public void handle(InputStream in, OutputStream out, Context context) {
    long start = System.nanoTime();
    Deadline deadline = Invocation.deadline(context);
    List<SQSMessage> messages = read(in, context, start);
    List<Work> works = messages.stream().map(this::read).toList();
    List<CompletableFuture<Done>> underWay =
        works.stream().map(work -> start(work, deadline)).toList();
    awaitAll(underWay, deadline);
    List<Done> results =
        underWay.stream().map(job -> job.getNow(notDone(new DeadlineExceeded()))).toList();
    List<BatchItemFailure> failures = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      SQSMessage message = messages.get(i);
      if (!results.get(i).done()) {
        failures.add(new BatchItemFailure(message.getMessageId()));
      }
      log(message, works.get(i), results.get(i), context, start);
    }
    EventCodec.write(new SQSBatchResponse(failures), out);
  }

  private List<SQSMessage> read(InputStream in, Context context, long start) {
    try {
      return EventCodec.readSqsEvent(in).getRecords();
    } catch (RuntimeException e) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("invocationId", context.getAwsRequestId());
      fields.put("outcome", "unreadable");
      fields.put("durationMs", Duration.ofNanos(System.nanoTime() - start).toMillis());
      log.writeCall(Log.Level.ERROR, "batch", fields, Map.of(), Optional.of(e));
      throw e;
    }
  }

  private Work read(SQSMessage message) {
    try {
      return reader.apply(message);
    } catch (RuntimeException e) {
      return new Work(Map.of(), deadline -> CompletableFuture.failedFuture(e));
    }
  }

  private static CompletableFuture<Done> start(Work work, Deadline deadline) {
    CompletableFuture<Done> job;
    try {
      job = work.job().apply(deadline);
    } catch (RuntimeException e) {
      job = CompletableFuture.failedFuture(e);
    }
    return job.exceptionally(QueueShell::notDone);
  }

  private static void awaitAll(List<CompletableFuture<Done>> jobs, Deadline deadline) {
    try {
      Invocation.await(Futures.all(jobs), deadline);
    } catch (DeadlineExceeded e) {
      // What has ended counts all the same; only the rest is returned.
    }
  }

  private static Done notDone(Throwable failure) {
    return new Done(
        false, "retry", Map.of(), Map.of(Metric.RETRIED, 1L), Optional.of(Futures.cause(failure)));
  }

  private void log(SQSMessage message, Work work, Done result, Context context, long start) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("invocationId", context.getAwsRequestId());
    fields.put("messageId", message.getMessageId());
    fields.putAll(work.fields());
    fields.put("outcome", result.outcome());
    fields.putAll(result.fields());
    fields.put("durationMs", Duration.ofNanos(System.nanoTime() - start).toMillis());
    log.writeCall(
        result.done() ? Log.Level.INFO : Log.Level.WARN,
        "job",
        fields,
        result.metrics(),
        result.failure());
  }
}
