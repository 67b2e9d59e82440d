package dev.asyncitems.local.engine;

import java.util.Optional;
import org.apache.pekko.actor.AbstractActor;
import org.elasticmq.actor.queue.InternalMessage;
import org.elasticmq.actor.queue.OperationSuccessful$;
import org.elasticmq.actor.queue.QueueEvent;

/**
 * Notes what happens to messages, and stores it where there is a store. ElasticMQ answers its
 * caller only when this has answered it.
 *
 * <p>It stands for ElasticMQ's own one, whose connection pool is the JVM's only one: two runs would
 * write into one folder.
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
