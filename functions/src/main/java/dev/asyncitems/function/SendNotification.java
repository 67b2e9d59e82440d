package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.IDEMPOTENCY_TABLE;
import static dev.asyncitems.settings.Setting.MAX_RECEIVE_COUNT;
import static dev.asyncitems.settings.Setting.VISIBILITY_TIMEOUT_SECONDS;
import static dev.asyncitems.settings.Setting.WRITE_SHARDS;

import dev.asyncitems.http.MediaType;
import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.http.Violation;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.json.Json;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.metric.Metric;
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
 * {@code POST /notifications}: accepts a notification. {@code GET /send-notification} does the same
 * for clients of the original interface.
 */
public final class SendNotification extends HttpFunction {
  private static final String MESSAGE = "message";

  private final Sender sender;

  public SendNotification() {
    this(System.getenv(), Clock.systemUTC());
  }

  public SendNotification(Map<String, String> environment, Clock clock) {
    Wiring wiring =
        new Wiring(
            environment,
            clock,
            Task.NOTIFICATION.table(),
            IDEMPOTENCY_TABLE,
            Task.NOTIFICATION.queue(),
            WRITE_SHARDS,
            VISIBILITY_TIMEOUT_SECONDS,
            MAX_RECEIVE_COUNT);
    super(wiring);
    sender = wiring.sender();
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    return request.method().equals("GET") ? answerGet(request) : answerPost(request);
  }

  private CompletableFuture<Reply> answerPost(Request request) {
    return request.read(input -> {
      Json body = input.json(MediaType.JSON);
      Optional<IdempotencyKey> key = input.idempotencyKey();
      return () ->
          send(
              request,
              NotificationJson.message(body),
              key,
              notification -> accepted(request, notification));
    });
  }

  private CompletableFuture<Reply> answerGet(Request request) {
    return request.read(input -> {
      String message = input.requiredParameter(MESSAGE);
      Optional<IdempotencyKey> key = input.idempotencyKey(MESSAGE);
      return () -> send(request, valid(message), key, SendNotification::sentInTheBackground);
    });
  }

  private static String valid(String message) {
    List<String> faults = Notification.MESSAGE.faults(message);
    if (!faults.isEmpty()) {
      throw new ProblemException(
          Problem.invalid(
              faults.stream().map(fault -> Violation.parameter(MESSAGE, fault)).toList()));
    }
    return message;
  }

  private CompletableFuture<Reply> send(
      Request request,
      String message,
      Optional<IdempotencyKey> idempotencyKey,
      Function<Notification, Reply> reply) {
    return sender
        .send(message, idempotencyKey, request.traceContext(), request.deadline())
        .thenApply(sent -> {
          request.note("notificationId", sent.notification().id().toString());
          if (!sent.replayed()) {
            request.count(Metric.ACCEPTED);
          }
          warnIfNotSent(request, sent);
          return Replays.mark(request, reply.apply(sent.notification()), sent.replayed());
        });
  }

  private void warnIfNotSent(Request request, Sent sent) {
    if (sent.queueFailure().isPresent()) {
      Map<String, String> fields = new LinkedHashMap<>(request.traceContext().fields());
      fields.put("route", request.route());
      fields.put("notificationId", sent.notification().id().toString());
      fields.put("outcome", "left to the relay");
      log().write(Log.Level.WARN, "message not sent", fields, sent.queueFailure());
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
