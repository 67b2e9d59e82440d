package dev.asyncitems.lambda;

import com.amazonaws.services.lambda.runtime.Context;
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
 * The shell of a consumer. It processes a batch of messages concurrently and returns the ids of the
 * failed messages. SQS delivers these messages again. Source: "Handling errors for an SQS event
 * source in Lambda", partial batch responses. Thread-safe.
 */
public final class QueueShell implements Shell {
  private final String idField;
  private final Consumer consumer;
  private final Deliveries deliveries;
  private final Log log;
  private final LongSupplier nanoTime;

  /** Creates a shell. {@code idField} is the log field with a task's id. */
  public QueueShell(String idField, Consumer consumer, Deliveries deliveries, Log log) {
    this(idField, consumer, deliveries, log, System::nanoTime);
  }

  /** Creates a shell that measures durations with a clock such as {@link System#nanoTime}. */
  QueueShell(
      String idField, Consumer consumer, Deliveries deliveries, Log log, LongSupplier nanoTime) {
    this.idField = idField;
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
  @Override
  public void handle(InputStream in, OutputStream out, Context context) {
    long start = nanoTime.getAsLong();
    Deadline deadline = Invocation.deadline(context);
    List<SQSMessage> messages = read(in, context, start);
    List<Delivery> delivered = messages.stream().map(QueueShell::delivery).toList();
    List<CompletableFuture<Processed>> underWay = start(messages, delivered, deadline);
    awaitAll(underWay, deadline);
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      SQSMessage message = messages.get(i);
      Processed processed =
          underWay.get(i).getNow(new Processed(retry(new DeadlineExceeded()), since(start)));
      if (processed.outcome() instanceof Outcome.Retry) {
        failures.add(message.getMessageId());
      }
      log(message, delivered.get(i), processed, context);
    }
    EventCodec.write(failures, out);
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

  // Messages that may kill the function are processed one after another. Otherwise one of them
  // would use up the attempts of the others.
  private List<CompletableFuture<Processed>> start(
      List<SQSMessage> messages, List<Delivery> delivered, Deadline deadline) {
    List<CompletableFuture<Processed>> underWay = new ArrayList<>();
    CompletableFuture<?> suspects = CompletableFuture.completedFuture(true);
    for (int i = 0; i < messages.size(); i++) {
      SQSMessage message = messages.get(i);
      Delivery delivery = delivered.get(i);
      if (consumer.isSuspect(delivery)) {
        underWay.add(suspects.thenCompose(ended -> process(message, delivery, deadline)));
        suspects = underWay.getLast();
      } else {
        underWay.add(process(message, delivery, deadline));
      }
    }
    return underWay;
  }

  private CompletableFuture<Processed> process(
      SQSMessage message, Delivery delivery, Deadline deadline) {
    long start = nanoTime.getAsLong();
    return consumer
        .process(delivery, deadline)
        .thenCompose(outcome -> finish(message, delivery, outcome, deadline))
        .exceptionally(failure -> retry(Futures.cause(failure)))
        .thenApply(outcome -> new Processed(outcome, since(start)));
  }

  private CompletableFuture<Outcome> finish(
      SQSMessage message, Delivery delivery, Outcome outcome, Deadline deadline) {
    return switch (outcome) {
      case Outcome.Done _, Outcome.AlreadyDone _ -> CompletableFuture.completedFuture(outcome);
      case Outcome.Hopeless(String reason) ->
          deadLetter(message, delivery, outcome, reason, deadline);
      case Outcome.GivenUp(String reason, Throwable _) ->
          deadLetter(message, delivery, outcome, reason, deadline);
      case Outcome.Retry retry -> delay(message, retry, deadline);
    };
  }

  private CompletableFuture<Outcome> deadLetter(
      SQSMessage message, Delivery delivery, Outcome outcome, String reason, Deadline deadline) {
    return Futures.call(
            () -> deliveries.deadLetter(message, reason, deadline).thenApply(put -> outcome))
        .exceptionallyCompose(failure ->
            delay(
                message,
                new Outcome.Retry(consumer.delay(delivery), Futures.cause(failure)),
                deadline));
  }

  // If the delay cannot be set, the message comes back when its visibility timeout ends.
  private CompletableFuture<Outcome> delay(
      SQSMessage message, Outcome.Retry retry, Deadline deadline) {
    return Futures.call(() ->
            deliveries.delay(message, retry.delay(), deadline).<Outcome>thenApply(delayed -> retry))
        .exceptionally(failure -> retry);
  }

  private static void awaitAll(List<CompletableFuture<Processed>> underWay, Deadline deadline) {
    try {
      Invocation.await(Futures.all(underWay), deadline);
    } catch (DeadlineExceeded e) {
      // A message whose processing has not ended counts as failed.
    }
  }

  // The delay is unused. The message comes back when its visibility timeout ends.
  private static Outcome retry(Throwable cause) {
    return new Outcome.Retry(Duration.ZERO, cause);
  }

  private void log(SQSMessage message, Delivery delivery, Processed processed, Context context) {
    Outcome outcome = processed.outcome();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("invocationId", context.getAwsRequestId());
    fields.put("messageId", message.getMessageId());
    fields.putAll(trace(message).fields());
    delivery.id().ifPresent(id -> fields.put(idField, id.toString()));
    fields.put("delivery", String.valueOf(delivery.count()));
    fields.put("outcome", word(outcome));
    reason(outcome).ifPresent(reason -> fields.put("reason", reason));
    fields.put("durationMs", processed.duration().toMillis());
    Optional<Throwable> failure = failure(outcome);
    log.writeCall(
        failure.isEmpty() ? Log.Level.INFO : Log.Level.WARN,
        "message",
        fields,
        metrics(outcome),
        failure);
  }

  private static String word(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done _ -> "done";
      case Outcome.AlreadyDone _ -> "already done";
      case Outcome.Hopeless _ -> "dead-lettered";
      case Outcome.GivenUp _ -> "failed";
      case Outcome.Retry _ -> "retry";
    };
  }

  private static Optional<String> reason(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Hopeless(String reason) -> Optional.of(reason);
      case Outcome.GivenUp(String reason, Throwable _) -> Optional.of(reason);
      default -> Optional.empty();
    };
  }

  private static Optional<Throwable> failure(Outcome outcome) {
    return switch (outcome) {
      case Outcome.GivenUp(String _, Throwable cause) -> Optional.of(cause);
      case Outcome.Retry(Duration _, Throwable cause) -> Optional.of(cause);
      default -> Optional.empty();
    };
  }

  private static Map<Metric, Long> metrics(Outcome outcome) {
    Map<Metric, Long> metrics = new EnumMap<>(Metric.class);
    switch (outcome) {
      case Outcome.Done(Duration age, boolean replayed) -> {
        metrics.put(Metric.DONE, 1L);
        metrics.put(Metric.AGE, age.toMillis());
        if (replayed) {
          metrics.put(Metric.REPLAYED, 1L);
        }
      }
      case Outcome.AlreadyDone _ -> {}
      case Outcome.Hopeless _, Outcome.GivenUp _ -> metrics.put(Metric.FAILED, 1L);
      case Outcome.Retry _ -> metrics.put(Metric.RETRIED, 1L);
    }
    failure(outcome).ifPresent(failure -> metrics.put(Metric.SERVER_ERRORS, 1L));
    return metrics;
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
    MessageAttribute requestId = message.getMessageAttributes().get(TaskMessage.REQUEST_ID);
    return TraceContext.of(
        requestId == null ? null : requestId.getStringValue(),
        message.getAttributes().get("AWSTraceHeader"));
  }

  private static int receiveCount(SQSMessage message) {
    String count = message.getAttributes().getOrDefault("ApproximateReceiveCount", "");
    return count.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(count) : 1;
  }

  private record Processed(Outcome outcome, Duration duration) {}
}
