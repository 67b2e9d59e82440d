package dev.asyncitems.deadletters;

import dev.asyncitems.deadletters.DeadLetter.Outlook;
import dev.asyncitems.deadletters.Main.CommandFailed;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Sends jobs to their queue again, at a rate, and counts what became of them. Not thread-safe. */
final class Replay implements Main.Step {
  /** What SQS takes in one call. */
  private static final int BATCH = 10;

  private final int rate;
  private final boolean force;
  private final boolean yes;
  private final Report report;
  private final Set<String> forced = new HashSet<>();
  private Optional<String> target;
  private int sent;
  private int refused;
  private int left;

  /**
   * A replay that has not begun.
   *
   * @param target the queue to send to; empty for the one whose dead letters these are
   * @param rate how many are sent a second, at most
   * @param force whether jobs are sent, too, that will come back; of equal ones only one
   * @param yes whether anything is sent; otherwise it is reported what would be
   */
  Replay(Optional<String> target, int rate, boolean force, boolean yes, Report report) {
    this.target = target;
    this.rate = rate;
    this.force = force;
    this.yes = yes;
    this.report = report;
  }

  @Override
  public void check(DeadLetterQueue queue) {
    Main.Step.super.check(queue);
    if (target.isEmpty()) {
      List<String> sources = queue.sources();
      if (sources.size() > 1) {
        throw new CommandFailed(
            "Several queues have their dead letters there: name one with --to.");
      }
      target = Optional.of(sources.get(0));
    }
  }

  @Override
  public void take(DeadLetterQueue queue, List<DeadLetter> letters) {
    List<DeadLetter> meant = letters.stream().filter(this::means).toList();
    if (yes) {
      send(queue, meant);
    } else {
      meant.forEach(report::add);
    }
  }

  private boolean means(DeadLetter letter) {
    if (letter.outlook() != Outlook.COMES_BACK) {
      return true;
    }
    if (!force) {
      left++;
      report.add(letter);
      return false;
    }
    // else it may be the one that was sent just now
    return !yes || forced.add(letter.job().message().body());
  }

  private void send(DeadLetterQueue queue, List<DeadLetter> letters) {
    int size = Math.min(BATCH, rate);
    for (int from = 0; from < letters.size() && !queue.isClosed(); from += size) {
      List<DeadLetter> part = letters.subList(from, Math.min(from + size, letters.size()));
      List<Job> taken =
          queue.move(part.stream().map(DeadLetter::job).toList(), target.orElseThrow());
      part.stream().filter(letter -> taken.contains(letter.job())).forEach(report::add);
      sent += taken.size();
      refused += part.size() - taken.size();
      pause(Duration.ofMillis(1_000L * part.size() / rate));
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many their queue has. */
  int sent() {
    return sent;
  }

  /** How many it didn't take. */
  int refused() {
    return refused;
  }

  /** How many stay since they would come back. */
  int left() {
    return left;
  }
}
