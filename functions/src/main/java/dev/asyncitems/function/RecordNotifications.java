package dev.asyncitems.function;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dev.asyncitems.edge.BatchEdge;
import dev.asyncitems.edge.BatchEdge.Done;
import dev.asyncitems.kernel.Deadline;
import dev.asyncitems.notification.NotificationId;
import dev.asyncitems.notification.NotificationQueue.Delivery;
import dev.asyncitems.notification.Recorder;
import dev.asyncitems.notification.Recorder.Outcome;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The consumer of the queue: logs the notifications that a batch of jobs names. */
public final class RecordNotifications implements RequestStreamHandler, AutoCloseable {
  private final Wiring wiring;
  private final Recorder recorder;
  private final BatchEdge edge;

  /** The function as Lambda makes it. */
  public RecordNotifications() {
    this(System.getenv(), Clock.systemUTC());
    Shutdown.runs(this::close);
    Snapshot.of(
        System.getenv(), Clock.systemUTC(), RecordNotifications.class, RecordNotifications::new);
  }

  /**
   * The function in another environment.
   *
   * @throws IllegalStateException if variables are missing or malformed
   */
  public RecordNotifications(Map<String, String> environment, Clock clock) {
    wiring =
        new Wiring(
            environment,
            clock,
            Setting.NOTIFICATIONS_TABLE,
            Setting.QUEUE_URL,
            Setting.DEAD_LETTER_QUEUE_URL,
            Setting.WRITE_SHARDS,
            Setting.MAX_RECEIVE_COUNT,
            Setting.LOGGED_RETENTION_DAYS);
    recorder = wiring.recorder();
    edge = new BatchEdge(this::work, wiring.log(RecordNotifications.class));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {
    edge.handle(input, output, context);
  }

  private CompletableFuture<Done> work(SQSMessage message, Deadline deadline) {
    String body = Objects.requireNonNullElse(message.getBody(), "");
    Optional<NotificationId> id = NotificationJson.job(body);
    Delivery delivery =
        new Delivery(
            body, Objects.requireNonNullElse(message.getReceiptHandle(), ""), count(message));
    Map<String, String> fields = new HashMap<>();
    fields.put("delivery", String.valueOf(delivery.count()));
    id.ifPresent(known -> fields.put("notificationId", known.toString()));
    return recorder.record(delivery, id, deadline).thenApply(outcome -> done(outcome, fields));
  }

  private static int count(SQSMessage message) {
    Map<String, String> attributes = message.getAttributes();
    String count = attributes == null ? null : attributes.get("ApproximateReceiveCount");
    return count != null && count.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(count) : 1;
  }

  private static Done done(Outcome outcome, Map<String, String> fields) {
    return switch (outcome) {
      case Outcome.Logged() -> new Done(true, "logged", fields, Optional.empty());
      case Outcome.AlreadyLogged() -> new Done(true, "already logged", fields, Optional.empty());
      case Outcome.DeadLettered(String reason) -> {
        fields.put("reason", reason);
        yield new Done(true, "dead-lettered", fields, Optional.empty());
      }
      case Outcome.Retry(Throwable cause, boolean markedFailed) ->
          new Done(false, markedFailed ? "failed" : "retry", fields, Optional.of(cause));
    };
  }

  @Override
  public void close() {
    wiring.close();
  }
}
