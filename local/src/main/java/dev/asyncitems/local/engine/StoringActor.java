package dev.asyncitems.local.engine;

import java.util.Optional;
import org.apache.pekko.actor.AbstractActor;
import org.elasticmq.actor.queue.InternalMessage;
import org.elasticmq.actor.queue.OperationSuccessful$;
import org.elasticmq.actor.queue.QueueEvent;

/**
 * An actor that applies each change of a message to the {@link QueueContents} and, if there is one,
 * to the store. ElasticMQ responds to its caller only after this actor has replied.
 *
 * <p>With ElasticMQ's own actor, all runs of a JVM would share one connection pool. Two runs would
 * then write to the same folder.
 */
final class StoringActor extends AbstractActor {

  private final QueueContents contents;
  private final Optional<MessageStore> store;

  StoringActor(QueueContents contents, Optional<MessageStore> store) {
    this.contents = contents;
    this.store = store;
  }

  @Override
  public Receive createReceive() {
    return receiveBuilder()
        .match(QueueEvent.MessageAdded.class, event -> put(event.queueName(), event.message()))
        .match(QueueEvent.MessageUpdated.class, event -> put(event.queueName(), event.message()))
        .match(
            QueueEvent.MessageRemoved.class,
            event -> {
              contents.remove(event.queueName(), event.messageId());
              store.ifPresent(file -> file.remove(event.queueName(), event.messageId()));
              done();
            })
        .match(
            QueueEvent.QueueDeleted.class,
            event -> {
              contents.clear(event.queueName());
              store.ifPresent(file -> file.removeAll(event.queueName()));
            })
        .matchAny(event -> {})
        .build();
  }

  private void put(String queue, InternalMessage message) {
    contents.put(queue, message);
    store.ifPresent(file -> file.put(queue, message));
    done();
  }

  private void done() {
    getSender().tell(OperationSuccessful$.MODULE$, getSelf());
  }
}
