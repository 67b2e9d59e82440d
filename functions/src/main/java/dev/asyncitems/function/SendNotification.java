package dev.asyncitems.function;

import dev.asyncitems.edge.Input;
import dev.asyncitems.edge.Json;
import dev.asyncitems.edge.Log;
import dev.asyncitems.edge.MediaType;
import dev.asyncitems.edge.Metric;
import dev.asyncitems.edge.Problem;
import dev.asyncitems.edge.ProblemException;
import dev.asyncitems.edge.Reply;
import dev.asyncitems.edge.Request;
import dev.asyncitems.edge.Violation;
import dev.asyncitems.kernel.IdempotencyClaim;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.notification.Sender;
import dev.asyncitems.notification.Sender.Sent;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * {@code POST /notifications}, and {@code GET /send-notification} for clients of the original
 * interface: accepts a notification.
 */
public final class SendNotification extends HttpFunction {
  private static final String MESSAGE = "message";

  private final Sender sender;
  private final Log log;

  /** The function as Lambda makes it. */
  public SendNotification() {
    this(System.getenv(), Clock.systemUTC());
    Snapshot.of(System.getenv(), Clock.systemUTC(), SendNotification.class, SendNotification::new);
  }

  /**
   * The function in another environment.
   *
   * @throws IllegalStateException if variables are missing or malformed
   */
  public SendNotification(Map<String, String> environment, Clock clock) {
    this(
        new Wiring(
            environment,
            clock,
            Setting.NOTIFICATIONS_TABLE,
            Setting.IDEMPOTENCY_TABLE,
            Setting.QUEUE_URL,
            Setting.WRITE_SHARDS));
  }

  private SendNotification(Wiring wiring) {
    Log log = wiring.log(SendNotification.class);
    super(log, wiring::close);
    this.log = log;
    sender = wiring.sender();
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    return request.method().equals("GET") ? answerGet(request) : answerPost(request);
  }

  private CompletableFuture<Reply> answerPost(Request request) {
    Input input = request.input();
    Optional<Json> body = input.json(List.of(MediaType.JSON));
    var claim = input.idempotency();
    input.check();
    String message = NotificationJson.message(body.orElseThrow());
    return send(request, message, claim, notification -> accepted(request, notification));
  }

  private CompletableFuture<Reply> answerGet(Request request) {
    Input input = request.input();
    String message = input.requiredParameter(MESSAGE);
    // The message is what a body would be: another message is another request.
    var claim = input.idempotency(message);
    input.check();
    List<String> faults = Notification.MESSAGE.faults(message);
    if (!faults.isEmpty()) {
      throw new ProblemException(
          Problem.invalid(
              faults.stream().map(fault -> Violation.parameter(MESSAGE, fault)).toList()));
    }
    return send(request, message, claim, SendNotification::sentInTheBackground);
  }

  private CompletableFuture<Reply> send(
      Request request,
      String message,
      Optional<IdempotencyClaim> claim,
      Function<Notification, Reply> reply) {
    return sender
        .send(message, claim, request.origin(), request.deadline())
        .thenApply(Refusals::unwrap)
        .thenApply(sent -> {
          request.note("notificationId", sent.accepted().value().id().toString());
          if (!sent.accepted().replayed()) {
            request.count(Metric.ACCEPTED);
          }
          warnIfNotEnqueued(request, sent);
          return Replays.mark(
              request, reply.apply(sent.accepted().value()), sent.accepted().replayed());
        });
  }

  private void warnIfNotEnqueued(Request request, Sent sent) {
    if (sent.queueFailure().isPresent()) {
      Map<String, String> fields = new LinkedHashMap<>(request.origin().fields());
      fields.put("route", request.route());
      fields.put("notificationId", sent.accepted().value().id().toString());
      fields.put("outcome", "left to the relay");
      log.write(Log.Level.WARN, "job not enqueued", fields, sent.queueFailure());
    }
  }

  private static Reply accepted(Request request, Notification notification) {
    return Reply.of(202, json -> NotificationJson.write(json, notification))
        .with("Location", request.link(NotificationJson.path(notification.id())));
  }

  private static Reply sentInTheBackground(Notification notification) {
    return Reply.of(
            200,
            json -> {
              json.writeStartObject();
              json.writeStringProperty(MESSAGE, "Notification sent in the background");
              json.writeStringProperty("id", notification.id().toString());
              json.writeEndObject();
            })
        .with("Cache-Control", "no-store");
  }
}
