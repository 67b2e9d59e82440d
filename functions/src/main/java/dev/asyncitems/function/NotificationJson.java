package dev.asyncitems.function;

import dev.asyncitems.http.Fields;
import dev.asyncitems.http.ProblemException;
import dev.asyncitems.json.Json;
import dev.asyncitems.notification.Notification;
import dev.asyncitems.outbox.Task;
import dev.asyncitems.outbox.TaskStatus;
import dev.asyncitems.value.Times;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JsonGenerator;

/** The JSON of notifications. */
final class NotificationJson {
  private static final String LOGGED = "logged";

  private NotificationJson() {}

  /** Reads a new notification. Throws a {@link ProblemException} (422) that lists all faults. */
  static Notification read(Json body) {
    Fields fields = new Fields(body);
    Optional<String> message =
        fields.required("message", (all, name) -> all.text(name, Notification.MESSAGE));
    fields.check();
    return Notification.of(message.orElseThrow());
  }

  /** Returns the path of a notification, without the mount. */
  static String path(UUID id) {
    return "/notifications/" + id;
  }

  /** Returns the API's name for a status. */
  static String text(TaskStatus status) {
    return status == TaskStatus.DONE ? LOGGED : status.text();
  }

  /** Returns the status to which the API gives this name, if any. */
  static Optional<TaskStatus> status(String text) {
    return Arrays.stream(TaskStatus.values())
        .filter(status -> text(status).equals(text))
        .findFirst();
  }

  static void write(JsonGenerator json, Task<Notification> notification) {
    json.writeStartObject();
    json.writeStringProperty("id", notification.id().toString());
    json.writeStringProperty("message", notification.data().message());
    json.writeStringProperty("status", text(notification.status()));
    json.writeNumberProperty("attempts", notification.attempts());
    json.writeStringProperty("createdAt", Times.text(notification.createdAt()));
    notification.doneAt().ifPresent(at -> json.writeStringProperty("loggedAt", Times.text(at)));
    notification.failure().ifPresent(reason -> json.writeStringProperty("failure", reason));
    json.writeEndObject();
  }
}
