package dev.asyncitems.local.engine;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A message in a queue, as ElasticMQ last reported it.
 *
 * @param id the SQS message id
 * @param attributes the message attributes by name, binary values in base64
 * @param visibleFrom the time from which the message can be received; in the future if it is
 *     delayed or in flight
 * @param receives how often the message was received
 * @param movedFrom the physical name of the queue whose redrive policy moved the message, if any
 */
public record QueuedMessage(
    String id,
    String body,
    Map<String, String> attributes,
    Instant sent,
    Instant visibleFrom,
    int receives,
    Optional<String> movedFrom) {}
