package dev.asyncitems.local.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.elasticmq.BinaryMessageAttribute;
import org.elasticmq.MessageAttribute;
import org.elasticmq.NumberMessageAttribute;
import org.elasticmq.StringMessageAttribute;
import org.elasticmq.actor.queue.InternalMessage;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;

/**
 * The messages in the queues, collected from ElasticMQ's events. The SQS API shows a message only
 * to a receiver, and then hides it from other receivers. Thread-safe.
 */
final class QueueContents {

  private final Map<String, Map<String, QueuedMessage>> queues = new HashMap<>();

  synchronized void put(String queue, InternalMessage message) {
    queues.computeIfAbsent(queue, name -> new HashMap<>()).put(message.id(), copy(message));
  }

  synchronized void remove(String queue, String id) {
    queues.getOrDefault(queue, new HashMap<>()).remove(id);
  }

  /** Removes all messages of a deleted or purged queue. ElasticMQ sends no event for a purge. */
  synchronized void clear(String queue) {
    queues.remove(queue);
  }

  synchronized void clear() {
    queues.clear();
  }

  /** Returns the messages of a queue, oldest first. */
  synchronized List<QueuedMessage> of(String queue) {
    List<QueuedMessage> messages = new ArrayList<>(queues.getOrDefault(queue, Map.of()).values());
    messages.sort(Comparator.comparing(QueuedMessage::sent));
    return messages;
  }

  private static QueuedMessage copy(InternalMessage message) {
    Map<String, String> attributes = new TreeMap<>();
    CollectionConverters.asJava(message.messageAttributes())
        .forEach((name, value) -> attributes.put(name, text(value)));
    return new QueuedMessage(
        message.id(),
        message.content().value(),
        Collections.unmodifiableMap(attributes),
        message.created().toInstant(),
        Instant.ofEpochMilli(message.nextDelivery()),
        message.receiveCount(),
        OptionConverters.toJava(message.deadLetterSourceQueueName()));
  }

  private static String text(MessageAttribute attribute) {
    return switch (attribute) {
      case StringMessageAttribute string -> string.stringValue();
      case NumberMessageAttribute number -> number.stringValue();
      case BinaryMessageAttribute binary -> binary.asBase64();
      default -> attribute.toString();
    };
  }
}
