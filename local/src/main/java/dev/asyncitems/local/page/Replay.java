package dev.asyncitems.local.page;

import dev.asyncitems.local.engine.QueuedMessage;
import dev.asyncitems.local.template.Queue;
import java.time.Instant;
import java.util.List;

/**
 * A finished replay, whose messages the page follows.
 *
 * @param begin a time before the first message was moved
 */
record Replay(Queue from, Queue to, Instant begin, List<Moved> messages) {

  /**
   * A moved message.
   *
   * @param id its id in the queue that it was moved to
   */
  record Moved(String id, String body) {}

  /**
   * Returns whether a dead letter says that a moved message failed again. SQS keeps the id of a
   * message that it dead-letters. A consumer sends a letter of its own, with the same body.
   */
  boolean isLetterOf(Moved moved, QueuedMessage letter) {
    return letter.id().equals(moved.id())
        || (letter.body().equals(moved.body()) && letter.sent().isAfter(begin));
  }
}
