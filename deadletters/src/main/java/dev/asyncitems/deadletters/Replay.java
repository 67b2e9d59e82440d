package dev.asyncitems.deadletters;

import dev.asyncitems.deadletters.DeadLetter.Outlook;
import dev.asyncitems.deadletters.Main.CommandFailed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A step that sends dead letters to a task queue at a limited rate. Not thread-safe. */
final class Replay implements Main.Step {
  /** The maximum size of a batch, in bytes. SQS's limit is 1 MiB, but was 256 KiB until 2025. */
  private static final int MAX_BYTES = 262_144;

  private final int rate;
  private final boolean force;
  private final boolean yes;
  private final Report report;
  private Optional<String> target;
  private int sent;
  private int rejected;
  private int left;
  private int kept;

  /**
   * Creates a step.
   *
   * @param target the queue to send to; empty for the source queue
   * @param rate the maximum number of messages to send in a second
   * @param force whether to also send messages that would be dead-lettered again
   * @param yes whether to send messages; if false, they are only reported
   */
  Replay(Optional<String> target, int rate, boolean force, boolean yes, Report report) {
    this.target = target;
    this.rate = rate;
    this.force = force;
    this.yes = yes;
    this.report = report;
  }

  @Override
  public void check(List<String> sources) {
    if (target.isEmpty() && sources.size() > 1) {
      throw new CommandFailed(
          "Several queues send their dead letters to this queue: name one of them with --to.");
    }
    target = target.or(() -> Optional.of(sources.get(0)));
  }

  @Override
  public void take(DeadLetterQueue queue, TaskRows rows, List<DeadLetter> letters) {
    List<DeadLetter> meant = letters.stream().filter(this::means).toList();
    if (yes) {
      send(queue, rows, meant);
    } else {
      meant.forEach(report::add);
    }
  }

  private boolean means(DeadLetter letter) {
    if (force || letter.outlook() != Outlook.COMES_BACK) {
      return true;
    }
    left++;
    report.add(letter);
    return false;
  }

  private void send(DeadLetterQueue queue, TaskRows rows, List<DeadLetter> letters) {
    int from = 0;
    while (from < letters.size() && !queue.isClosed()) {
      List<DeadLetter> part = letters.subList(from, end(letters, from));
      from += part.size();
      part.stream()
          .filter(DeadLetter::isFailed)
          .forEach(letter -> rows.replayed(letter.message().id().orElseThrow(), Instant.now()));
      List<Letter> taken =
          queue.send(part.stream().map(DeadLetter::message).toList(), target.orElseThrow());
      part.stream().filter(letter -> taken.contains(letter.message())).forEach(report::add);
      sent += taken.size();
      rejected += queue.isClosed() ? 0 : part.size() - taken.size();
      List<Letter> queued = taken.stream().filter(Letter::isQueued).toList();
      kept += queued.size() - queue.delete(queued).size();
      pause(Duration.ofMillis(1_000L * part.size() / rate));
    }
  }

  // SQS limits the total size of a batch. The first message fits, since SQS accepted it before.
  private int end(List<DeadLetter> letters, int from) {
    int most = Math.min(letters.size(), from + Math.min(DeadLetterQueue.MAX_BATCH, rate));
    int end = from + 1;
    long bytes = letters.get(from).message().bytes();
    while (end < most && bytes + letters.get(end).message().bytes() <= MAX_BYTES) {
      bytes += letters.get(end).message().bytes();
      end++;
    }
    return end;
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  int sent() {
    return sent;
  }

  int rejected() {
    return rejected;
  }

  /** Returns the number of messages not sent because they would be dead-lettered again. */
  int left() {
    return left;
  }

  /** Returns the number of messages that were sent but could not be deleted. */
  int kept() {
    return kept;
  }
}
