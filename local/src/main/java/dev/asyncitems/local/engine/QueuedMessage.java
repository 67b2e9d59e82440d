package dev.asyncitems.local.engine;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A message that lies in a queue, as it was when it was last sent or received.
 *
 * @param id what SQS calls it
 * @param attributes its message attributes by name, binary ones in base64
 * @param visibleFrom when it can be received: later than now while it is delayed or in flight
 * @param receives how often it was received
 * @param movedFrom the physical name of the queue whose redrive policy moved it here, if one did
 */
public record QueuedMessage(
    String id,
    String body,
    Map<String, String> attributes,
    Instant sent,
    Instant visibleFrom,
    int receives,
    Optional<String> movedFrom) {

  public QueuedMessage {
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }
}
