package dev.asyncitems.edge;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.kernel.Deadline;
import dev.asyncitems.kernel.DeadlinePassed;
import dev.asyncitems.kernel.Futures;
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
public final class BatchEdge {
  private final Function<SQSMessage, Map<String, String>> describer;
  private final Worker worker;
  private final Log log;

  /**
   * @param describer says of a message, whatever becomes of it, what its log line is to hold
   */
  public BatchEdge(Function<SQSMessage, Map<String, String>> describer, Worker worker, Log log) {
    this.describer = describer;
    this.worker = worker;
    this.log = log;
  }

  /** Does the job of one message. */
  @FunctionalInterface
  public interface Worker {
    /** What became of the message; a failed future counts as not done. */
    CompletableFuture<Done> work(SQSMessage message, Deadline deadline);
  }

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
   * @throws IllegalArgumentException if the event is no JSON object
   */
  public void handle(InputStream in, OutputStream out, Context context) {
    long start = System.nanoTime();
    Deadline deadline = Invocation.deadline(context);
    List<SQSMessage> messages = EventCodec.readSqsEvent(in).getRecords();
    List<CompletableFuture<Done>> works =
        messages.stream().map(message -> work(message, deadline)).toList();
    awaitAll(works, deadline);
    List<Done> results =
        works.stream().map(work -> work.getNow(notDone(new DeadlinePassed()))).toList();
    List<BatchItemFailure> failures = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      SQSMessage message = messages.get(i);
      if (!results.get(i).done()) {
        failures.add(new BatchItemFailure(message.getMessageId()));
      }
      log(message, results.get(i), context, start);
    }
    EventCodec.write(new SQSBatchResponse(failures), out);
  }

  private CompletableFuture<Done> work(SQSMessage message, Deadline deadline) {
    CompletableFuture<Done> work;
    try {
      work = worker.work(message, deadline);
    } catch (RuntimeException e) {
      work = CompletableFuture.failedFuture(e);
    }
    return work.exceptionally(BatchEdge::notDone);
  }

  private static void awaitAll(List<CompletableFuture<Done>> works, Deadline deadline) {
    try {
      Invocation.await(Futures.all(works), deadline);
    } catch (DeadlinePassed e) {
      // What has ended counts all the same; only the rest is returned.
    }
  }

  private static Done notDone(Throwable failure) {
    return new Done(
        false, "retry", Map.of(), Map.of(Metric.RETRIED, 1L), Optional.of(Futures.cause(failure)));
  }

  private void log(SQSMessage message, Done result, Context context, long start) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("invocationId", context.getAwsRequestId());
    fields.put("messageId", message.getMessageId());
    fields.putAll(describer.apply(message));
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
