package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.MessageAttribute;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.call.Deadline;
import dev.asyncitems.call.DeadlineExceeded;
import dev.asyncitems.call.Futures;
import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.outbox.Consumer;
import dev.asyncitems.outbox.Consumer.Delivery;
import dev.asyncitems.outbox.Consumer.Outcome;
import dev.asyncitems.trace.TraceContext;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * The shell of a consumer. It processes a batch of messages concurrently and returns the failed
 * messages, which SQS delivers again. Source: "Handling errors for an SQS event source in Lambda",
 * partial batch responses. Thread-safe.
 */
public final class QueueShell {
  private final String idField;
  private final Consumer consumer;
  private final Deliveries deliveries;
  private final Log log;
  private final LongSupplier nanoTime;

  /** Creates a shell. A task {@code notification} has the log field {@code notificationId}. */
  public QueueShell(String task, Consumer consumer, Deliveries deliveries, Log log) {
    this(task, consumer, deliveries, log, System::nanoTime);
  }

  /** Creates a shell that measures durations with a clock such as {@link System#nanoTime}. */
  QueueShell(
      String task, Consumer consumer, Deliveries deliveries, Log log, LongSupplier nanoTime) {
    this.idField = task + "Id";
    this.consumer = consumer;
    this.deliveries = deliveries;
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /**
   * Processes one batch.
   *
   * @throws RuntimeException if the event cannot be read, so that Lambda counts an error and SQS
   *     delivers the batch again
   */
  public void handle(InputStream in, OutputStream out, Context context) {
    long start = nanoTime.getAsLong();
    Deadline deadline = Invocation.deadline(context);
    List<SQSMessage> messages = read(in, context, start);
    List<Delivery> delivered = messages.stream().map(QueueShell::delivery).toList();
    List<CompletableFuture<Processed>> underWay = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      underWay.add(process(messages.get(i), delivered.get(i), deadline));
    }
    awaitAll(underWay, deadline);
    List<BatchItemFailure> failures = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      SQSMessage message = messages.get(i);
      Processed processed =
          underWay.get(i).getNow(new Processed(failed(new DeadlineExceeded()), since(start)));
      if (!processed.result().done()) {
        failures.add(new BatchItemFailure(message.getMessageId()));
      }
      log(message, delivered.get(i), processed, context);
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
      fields.put("durationMs", since(start).toMillis());
      log.writeCall(Log.Level.ERROR, "batch", fields, Map.of(), Optional.of(e));
      throw e;
    }
  }

  private CompletableFuture<Processed> process(
      SQSMessage message, Delivery delivery, Deadline deadline) {
    long start = nanoTime.getAsLong();
    return consumer
        .process(delivery, deadline)
        .thenCompose(outcome -> finish(message, delivery, outcome, deadline))
        .exceptionally(failure -> failed(Futures.cause(failure)))
        .thenApply(result -> new Processed(result, since(start)));
  }

  // Best effort: a message that is not delayed comes back when its visibility timeout ends.
  private CompletableFuture<Result> finish(
      SQSMessage message, Delivery delivery, Outcome outcome, Deadline deadline) {
    return switch (outcome) {
      case Outcome.Done(Duration age, boolean replayed) ->
          CompletableFuture.completedFuture(done(age, replayed));
      case Outcome.AlreadyDone() ->
          CompletableFuture.completedFuture(Result.done("already done", Map.of()));
      case Outcome.Rejected(String reason) ->
          Futures.call(
                  () -> deliveries.deadLetter(message, reason, deadline).thenApply(put -> reason))
              .thenApply(QueueShell::deadLettered)
              .exceptionallyCompose(failure ->
                  delay(
                      message, consumer.delay(delivery), failed(Futures.cause(failure)), deadline));
      case Outcome.Retry(Duration delay, Throwable cause, boolean failed) ->
          delay(message, delay, failed ? gaveUp(cause) : failed(cause), deadline);
    };
  }

  private CompletableFuture<Result> delay(
      SQSMessage message, Duration delay, Result result, Deadline deadline) {
    return Futures.call(
            () -> deliveries.delay(message, delay, deadline).thenApply(delayed -> result))
        .exceptionally(failure -> result);
  }

  private static void awaitAll(List<CompletableFuture<Processed>> underWay, Deadline deadline) {
    try {
      Invocation.await(Futures.all(underWay), deadline);
    } catch (DeadlineExceeded e) {
      // Messages whose processing has ended count as processed. Only the others are returned.
    }
  }

  private static Result done(Duration age, boolean replayed) {
    Map<Metric, Long> metrics = new EnumMap<>(Metric.class);
    metrics.put(Metric.DONE, 1L);
    metrics.put(Metric.AGE, age.toMillis());
    if (replayed) {
      metrics.put(Metric.REPLAYED, 1L);
    }
    return Result.done("done", metrics);
  }

  private static Result deadLettered(String reason) {
    return new Result(
        true,
        "dead-lettered",
        Map.of("reason", reason),
        Map.of(Metric.FAILED, 1L),
        Optional.empty());
  }

  private static Result gaveUp(Throwable cause) {
    return new Result(false, "failed", Map.of(), Map.of(Metric.FAILED, 1L), Optional.of(cause));
  }

  private static Result failed(Throwable cause) {
    return new Result(false, "retry", Map.of(), Map.of(Metric.RETRIED, 1L), Optional.of(cause));
  }

  private void log(SQSMessage message, Delivery delivery, Processed processed, Context context) {
    Result result = processed.result();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("invocationId", context.getAwsRequestId());
    fields.put("messageId", message.getMessageId());
    fields.putAll(trace(message).fields());
    delivery.id().ifPresent(id -> fields.put(idField, id.toString()));
    fields.put("delivery", String.valueOf(delivery.count()));
    fields.put("outcome", result.outcome());
    fields.putAll(result.fields());
    fields.put("durationMs", processed.duration().toMillis());
    log.writeCall(
        result.done() ? Log.Level.INFO : Log.Level.WARN,
        "message",
        fields,
        result.metrics(),
        result.failure());
  }

  private Duration since(long start) {
    return Duration.ofNanos(nanoTime.getAsLong() - start);
  }

  private static Delivery delivery(SQSMessage message) {
    int count = receiveCount(message);
    return new Delivery(
        TaskMessage.id(Objects.requireNonNullElse(message.getBody(), "")),
        message.getMessageId() + " " + count,
        count);
  }

  private static TraceContext trace(SQSMessage message) {
    Map<String, MessageAttribute> attributes = message.getMessageAttributes();
    MessageAttribute requestId = attributes == null ? null : attributes.get(TaskMessage.REQUEST_ID);
    Map<String, String> system = message.getAttributes();
    return TraceContext.of(
        requestId == null ? null : requestId.getStringValue(),
        system == null ? null : system.get("AWSTraceHeader"));
  }

  private static int receiveCount(SQSMessage message) {
    Map<String, String> attributes = message.getAttributes();
    String count = attributes == null ? null : attributes.get("ApproximateReceiveCount");
    return count != null && count.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(count) : 1;
  }

  /** The result of processing a message, and how long that took. */
  private record Processed(Result result, Duration duration) {}

  /**
   * The result of processing a message.
   *
   * @param done false if the message is to be delivered again
   * @param outcome one word for the log line
   */
  private record Result(
      boolean done,
      String outcome,
      Map<String, String> fields,
      Map<Metric, Long> metrics,
      Optional<Throwable> failure) {
    static Result done(String outcome, Map<Metric, Long> metrics) {
      return new Result(true, outcome, Map.of(), metrics, Optional.empty());
    }
  }
}
