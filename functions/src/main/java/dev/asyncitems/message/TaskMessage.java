package dev.asyncitems.message;

import dev.asyncitems.json.Json;
import dev.asyncitems.value.UuidV7;
import java.util.Optional;
import java.util.UUID;

/**
 * The message of a background task. Its body holds the id of the task's row. The consumer and the
 * command {@code dead-letters} share this class, so that both reject the same malformed messages.
 */
public final class TaskMessage {
  /** The message attribute with the id of the request that accepted the task. */
  public static final String REQUEST_ID = "requestId";

  /** The message attribute with the reason why the message was dead-lettered. */
  public static final String REASON = "reason";

  private TaskMessage() {}

  /** Returns the body of the message for the row with the given id. */
  public static String body(UUID id) {
    return "{\"id\":\"" + id + "\"}";
  }

  /**
   * Reads the id from a message's body. The body must be a JSON object whose member {@code id} is a
   * UUID, in any case. Other members are ignored. Returns empty if the body is malformed.
   */
  public static Optional<UUID> id(String body) {
    try {
      return Json.parse(body) instanceof Json.Obj message
              && message.members().get("id") instanceof Json.Str id
          ? UuidV7.parse(id.value())
          : Optional.empty();
    } catch (Json.Malformed e) {
      return Optional.empty();
    }
  }
}
