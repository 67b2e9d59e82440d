package dev.asyncitems.local.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.engine.QueuedMessage;
import dev.asyncitems.local.page.Payload.Kind;
import dev.asyncitems.local.page.Payload.Outcome;
import dev.asyncitems.local.template.Queue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A report of the outcome of each replayed message. Thread-safe. */
final class ReplayReport {

  /**
   * The time for which a message must be in neither queue until it counts as processed. A message
   * that SQS dead-letters is in neither queue for a moment.
   */
  private static final Duration SETTLING = Duration.ofSeconds(1);

  private final Instant begin = Instant.now();
  private final Queue from;
  private final Queue to;
  private final List<Moved> shown = new ArrayList<>();
  private final Set<String> letters = new HashSet<>();
  private int moved;

  private static final class Moved {
    final String id;
    final String body;
    Outcome outcome = new Outcome(Kind.RUNNING, "moved");
    @Nullable Instant gone;
    boolean settled;

    Moved(String id, String body) {
      this.id = id;
      this.body = body;
    }
  }

  /** Creates a report of a replay that begins now. */
  ReplayReport(Queue from, Queue to) {
    this.from = from;
    this.to = to;
  }

  Queue from() {
    return from;
  }

  Queue to() {
    return to;
  }

  /** Adds a message. The report keeps only the first {@link View#MESSAGES}. */
  synchronized void add(String id, String body) {
    moved++;
    if (shown.size() < View.MESSAGES) {
      shown.add(new Moved(id, body));
    }
  }

  /** Returns the number of moved messages. */
  synchronized int moved() {
    return moved;
  }

  /** Returns whether no outcome can change any more. */
  synchronized boolean isSettled() {
    return shown.stream().allMatch(one -> one.settled);
  }

  /**
   * Updates the outcomes that are not final.
   *
   * @param waiting the messages of the queue to which the replay moved its messages
   * @param dead the messages of the dead-letter queue, read after {@code waiting}, because a
   *     consumer sends a dead letter before it deletes the message
   * @param reason returns why the message of a dead letter failed
   */
  synchronized void update(
      List<QueuedMessage> waiting,
      List<QueuedMessage> dead,
      Function<QueuedMessage, String> reason) {
    Instant now = Instant.now();
    for (Moved one : shown) {
      if (one.settled) {
        continue;
      }
      Optional<QueuedMessage> message =
          waiting.stream().filter(each -> each.id().equals(one.id)).findFirst();
      Optional<QueuedMessage> letter =
          dead.stream().filter(each -> isLetterOf(one, each)).findFirst();
      if (message.isPresent()) {
        int tries = message.get().receives();
        String words = tries == 0 ? "waits" : "not processed yet, receives: " + tries;
        one.outcome = new Outcome(Kind.RUNNING, words);
        one.gone = null;
      } else if (letter.isPresent()) {
        letters.add(letter.get().id()); // Another message may have the same body.
        one.outcome = new Outcome(Kind.FAILED, "failed again: " + reason.apply(letter.get()));
        one.settled = true;
      } else {
        one.outcome = new Outcome(Kind.DONE, "processed");
        one.gone = one.gone == null ? now : one.gone;
        one.settled = !one.gone.plus(SETTLING).isAfter(now);
      }
    }
  }

  /**
   * Returns whether a dead letter says that a moved message failed again. SQS keeps the id of a
   * message that it dead-letters. A consumer that dead-letters a message sends a new one, which has
   * another id but the same body.
   */
  private boolean isLetterOf(Moved one, QueuedMessage letter) {
    return !letters.contains(letter.id())
        && (letter.id().equals(one.id)
            || (letter.body().equals(one.body) && letter.sent().isAfter(begin)));
  }

  synchronized void addTo(ObjectNode json) {
    json.put("time", begin.toString()).put("from", from.id()).put("to", to.id());
    json.put("more", moved - shown.size());
    ArrayNode messages = json.putArray("messages");
    for (Moved one : shown) {
      messages
          .addObject()
          .put("id", one.id)
          .put("body", View.cut(one.body))
          .put("kind", one.outcome.kind().name().toLowerCase(Locale.ROOT))
          .put("outcome", one.outcome.words());
    }
  }
}
