package dev.asyncitems.function;

import dev.asyncitems.http.MediaType;
import dev.asyncitems.http.Problem;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.http.Violation;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.json.Json;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.outbox.Task;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * {@code POST /notifications}: accepts a notification. {@code GET /send-notification} does the same
 * for clients of the original interface.
 */
public final class SendNotification extends TaskFunction<Notification> {
  private static final String MESSAGE = "message";

  public SendNotification() {
    this(System.getenv(), Clock.systemUTC());
  }

  public SendNotification(Map<String, String> environment, Clock clock) {
    super(environment, clock, TaskKind.NOTIFICATION);
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
          accept(
              request, NotificationJson.read(body), key, accepted -> accepted(request, accepted));
    });
  }

  private CompletableFuture<Reply> answerGet(Request request) {
    return request.read(input -> {
      String message = input.requiredParameter(MESSAGE);
      Optional<IdempotencyKey> key = input.idempotencyKey(MESSAGE);
      return () -> accept(request, read(message), key, SendNotification::sentInTheBackground);
    });
  }

  private static Notification read(String message) {
    List<String> faults = Notification.MESSAGE.faults(message);
    if (!faults.isEmpty()) {
      throw new ProblemException(
          Problem.invalid(
              faults.stream().map(fault -> Violation.parameter(MESSAGE, fault)).toList()));
    }
    return Notification.of(message);
  }

  private static Reply accepted(Request request, Task<Notification> notification) {
    return Reply.of(202, json -> NotificationJson.write(json, notification))
        .with("Location", request.link(NotificationJson.path(notification.id())));
  }

  private static Reply sentInTheBackground(Task<Notification> notification) {
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
