package dev.asyncitems.local.engine;

import org.apache.pekko.actor.AbstractActor;
import org.elasticmq.actor.queue.OperationSuccessful$;
import org.elasticmq.actor.queue.QueueEvent;

/**
 * Stores what happens to messages. ElasticMQ answers its caller only when this has answered it.
 *
 * <p>It stands for ElasticMQ's own one, whose connection pool is the JVM's only one: two runs would
 * write into one folder.
 */
final class StoringActor extends AbstractActor {

  private final MessageStore store;

  StoringActor(MessageStore store) {
    this.store = store;
  }

  @Override
  public Receive createReceive() {
    return receiveBuilder()
        .match(
            QueueEvent.MessageAdded.class,
            event -> {
              store.put(event.queueName(), event.message());
              done();
            })
        .match(
            QueueEvent.MessageUpdated.class,
            event -> {
              store.put(event.queueName(), event.message());
              done();
            })
        .match(
            QueueEvent.MessageRemoved.class,
            event -> {
              store.remove(event.queueName(), event.messageId());
              done();
            })
        .match(QueueEvent.QueueDeleted.class, event -> store.removeAll(event.queueName()))
        .matchAny(event -> {})
        .build();
  }

  private void done() {
    getSender().tell(OperationSuccessful$.MODULE$, getSelf());
  }
}
