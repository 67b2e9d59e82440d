package dev.asyncitems.message;

import dev.asyncitems.json.Json;
import dev.asyncitems.value.UuidV7;
import java.util.Optional;
import java.util.UUID;

/**
 * The message of a background task, which names the task's row by its id. The consumer and the
 * command {@code dead-letters} read messages by this class alone, so that both agree on which
 * messages are malformed.
 */
public final class TaskMessage {
  /** The message attribute with the id of the request that the task began with. */
  public static final String REQUEST_ID = "requestId";

  /** The message attribute of a dead letter that says why it was given up. */
  public static final String REASON = "reason";

  private TaskMessage() {}

  /** Returns the body of the message that names a row. */
  public static String body(UUID id) {
    return "{\"id\":\"" + id + "\"}";
  }

  /**
   * Reads the id from a message's body: a JSON object whose member {@code id} is a UUID in any
   * case. Other members are ignored.
   *
   * @return empty if the message is malformed
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
