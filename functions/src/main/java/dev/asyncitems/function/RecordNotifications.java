package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.MessageAttribute;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.lambda.QueueShell;
import dev.asyncitems.lambda.QueueShell.Done;
import dev.asyncitems.lambda.QueueShell.Work;
import dev.asyncitems.message.TaskMessage;
import dev.asyncitems.metric.Metric;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.notification.NotificationQueue.Attribute;
import dev.asyncitems.notification.NotificationQueue.Delivery;
import dev.asyncitems.notification.Recorder;
import dev.asyncitems.notification.Recorder.Outcome;
import dev.asyncitems.settings.Setting;
import dev.asyncitems.trace.TraceContext;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The consumer of the queue: logs the notifications that a batch of jobs names. */
public final class RecordNotifications extends LambdaFunction {
  private final Recorder recorder;
  private final QueueShell shell;

  /** The function as Lambda makes it. */
  public RecordNotifications() {
    this(System.getenv(), Clock.systemUTC());
  }

  /**
   * The function in another environment.
   *
   * @throws IllegalStateException if variables are missing or malformed
   */
  public RecordNotifications(Map<String, String> environment, Clock clock) {
    Wiring wiring =
        new Wiring(
            environment,
            clock,
            Setting.NOTIFICATIONS_TABLE,
            Setting.QUEUE_URL,
            Setting.DEAD_LETTER_QUEUE_URL,
            Setting.WRITE_SHARDS,
            Setting.MAX_RECEIVE_COUNT,
            Setting.LOGGED_RETENTION_DAYS);
    super(wiring);
    recorder = wiring.recorder();
    shell = new QueueShell(this::read, log());
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {
    shell.handle(input, output, context);
  }

  private Work read(SQSMessage message) {
    Delivery delivery =
        new Delivery(
            Objects.requireNonNullElse(message.getBody(), ""),
            Objects.requireNonNullElse(message.getReceiptHandle(), ""),
            count(message),
            traceContext(message),
            attributes(message),
            traceHeader(message));
    Optional<NotificationId> id = TaskMessage.id(delivery.body()).map(NotificationId::new);
    Map<String, String> fields = new LinkedHashMap<>(delivery.traceContext().fields());
    id.ifPresent(known -> fields.put("notificationId", known.toString()));
    fields.put("delivery", String.valueOf(delivery.count()));
    return new Work(
        fields,
        deadline -> recorder.record(delivery, id, deadline).thenApply(RecordNotifications::done));
  }

  // Jobs that the last version sent have neither attribute.
  private static TraceContext traceContext(SQSMessage message) {
    Map<String, MessageAttribute> own = message.getMessageAttributes();
    MessageAttribute requestId = own == null ? null : own.get(TaskMessage.REQUEST_ID);
    return TraceContext.of(
        requestId == null ? null : requestId.getStringValue(), traceHeader(message).orElse(null));
  }

  private static Optional<String> traceHeader(SQSMessage message) {
    Map<String, String> attributes = message.getAttributes();
    return Optional.ofNullable(attributes == null ? null : attributes.get("AWSTraceHeader"));
  }

  private static Map<String, Attribute> attributes(SQSMessage message) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    if (message.getMessageAttributes() != null) {
      message
          .getMessageAttributes()
          .forEach((name, own) -> {
            Optional<String> text = Optional.ofNullable(own.getStringValue());
            Optional<ByteBuffer> bytes = Optional.ofNullable(own.getBinaryValue());
            String type = Objects.requireNonNullElse(own.getDataType(), "String");
            // SQS takes no attribute without a value.
            if (text.isPresent() || bytes.isPresent()) {
              attributes.put(name, new Attribute(type, text, bytes));
            }
          });
    }
    return attributes;
  }

  private static int count(SQSMessage message) {
    Map<String, String> attributes = message.getAttributes();
    String count = attributes == null ? null : attributes.get("ApproximateReceiveCount");
    return count != null && count.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(count) : 1;
  }

  private static Done done(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Logged(Duration age, boolean replayed) -> {
        Map<Metric, Long> metrics = new EnumMap<>(Metric.class);
        metrics.put(Metric.LOGGED, 1L);
        metrics.put(Metric.AGE, age.toMillis());
        if (replayed) {
          metrics.put(Metric.REPLAYED, 1L);
        }
        yield new Done(true, "logged", Map.of(), metrics, Optional.empty());
      }
      case Outcome.AlreadyLogged() ->
          new Done(true, "already logged", Map.of(), Map.of(), Optional.empty());
      case Outcome.DeadLettered(String reason) ->
          new Done(
              true,
              "dead-lettered",
              Map.of("reason", reason),
              Map.of(Metric.FAILED, 1L),
              Optional.empty());
      case Outcome.Retry(Throwable cause, boolean markedFailed) ->
          new Done(
              false,
              markedFailed ? "failed" : "retry",
              Map.of(),
              Map.of(markedFailed ? Metric.FAILED : Metric.RETRIED, 1L),
              Optional.of(cause));
    };
  }
}
