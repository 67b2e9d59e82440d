package dev.asyncitems.deadletters;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The command line of {@code dead-letters}. The exit code is 0 for success, 1 for a failure and 2
 * for an invalid command line. For 1 and 2, standard error gives the reason in a sentence.
 */
@Command(
    name = "dead-letters",
    description = "Lists, replays or discards dead-lettered tasks.",
    mixinStandardHelpOptions = true,
    version = "async-items dead-letters",
    synopsisSubcommandLabel = "COMMAND")
public final class Main {
  /** The longest life of a message on its queue (91 minutes, docs/decisions/0035), rounded up. */
  private static final Duration MESSAGE_LIFE = Duration.ofMinutes(95);

  private static final String UNCHANGED = "Nothing was changed. Add --yes to do it.";

  @Spec private CommandSpec spec = CommandSpec.create();

  private final CountDownLatch ended = new CountDownLatch(1);

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(
        run(
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8),
            arguments));
  }

  /** Runs the command with the given outputs and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    line.registerConverter(Duration.class, new Age());
    line.setOut(out).setErr(err);
    line.setParameterExceptionHandler((wrong, given) -> {
      String message = String.valueOf(wrong.getMessage());
      err.println(message + (message.endsWith(".") ? "" : ".") + " See --help.");
      return CommandLine.ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((failure, command, result) -> {
      if (failure instanceof SdkException || failure instanceof UncheckedIOException) {
        err.println("The command failed: " + sentence(failure));
      } else if (failure instanceof CommandFailed) {
        err.println(failure.getMessage());
      } else {
        throw failure;
      }
      return CommandLine.ExitCode.SOFTWARE;
    });
    try {
      return arguments.length == 0 ? line.execute("--help") : line.execute(arguments);
    } finally {
      main.ended.countDown();
    }
  }

  // Shortens the SDK's error texts. Some of them list every place that the SDK searched.
  private static String sentence(Exception failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.startsWith("Unable to load region")) {
      return "no region is set: name one with --region.";
    }
    if (message.startsWith("Unable to unmarshall response")) {
      return "the response is not from AWS. Check --endpoint-url and your network.";
    }
    return message.startsWith("Unable to load credentials")
        ? "no AWS credentials were found, neither in the environment nor in a profile."
        : message.replaceAll("\\s+", " ");
  }

  @Command(
      name = "list",
      description =
          "Lists the tasks, and the failed rows that have no dead letter, and what a replay of each"
              + " would do. Changes nothing.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin Place place,
      @Mixin Filter filter,
      @Option(names = "--json", description = "Prints a JSON object per line.") boolean json) {
    Report report = report(json);
    go(place, filter, (queue, rows, letters) -> letters.forEach(report::add));
    report.end();
    return CommandLine.ExitCode.OK;
  }

  @Command(
      name = "replay",
      description =
          "Sends each task to its queue again, once. Also sends a message for each failed row that"
              + " has no dead letter. A dead letter stays until the queue has its message. Without"
              + " --yes, only shows what it would do.",
      mixinStandardHelpOptions = true)
  int replay(
      @Mixin Place place,
      @Mixin Filter filter,
      @Option(
              names = "--to",
              paramLabel = "URL",
              description =
                  "The queue to send to. Default: the queue that the tasks come from, if there is"
                      + " only one.")
          @Nullable String to,
      @Option(
              names = "--rate",
              paramLabel = "N",
              defaultValue = "50",
              description = "The maximum number of tasks to send in a second (${DEFAULT-VALUE}).")
          int rate,
      @Option(names = "--force", description = "Also sends tasks that will come back.")
          boolean force,
      @Option(names = "--yes", description = "Do it.") boolean yes) {
    check(rate < 1 ? Optional.of("--rate must be 1 or more.") : Optional.empty());
    check(
        to != null && place.isQueue(to)
            ? Optional.of("--to must name another queue than --queue-url.")
            : Optional.empty());
    Report report = report(false);
    Replay replay = new Replay(Optional.ofNullable(to), rate, force, yes, report);
    try {
      go(place, filter, replay);
    } catch (RuntimeException e) {
      if (replay.sent() > 0) {
        print("Replayed: " + replay.sent());
      }
      throw e;
    }
    report.end();
    if (replay.left() > 0) {
      print(
          "Not sent, because they would come back: "
              + replay.left()
              + ". The option --force sends them, too.");
    }
    print(yes ? "Replayed: " + replay.sent() : UNCHANGED);
    if (replay.kept() > 0) {
      spec.commandLine()
          .getErr()
          .println(
              "Sent, but not deleted from the dead-letter queue: "
                  + replay.kept()
                  + ". Replaying these again does no harm.");
    }
    return rejected(replay.rejected());
  }

  @Command(
      name = "discard",
      description =
          "Deletes dead letters for good. Failed rows stay failed, and you can"
              + " still replay them. Without --yes, only shows what it would do.",
      mixinStandardHelpOptions = true)
  int discard(
      @Mixin Place place,
      @Mixin Filter filter,
      @Option(names = "--yes", description = "Do it.") boolean yes) {
    Report report = report(false);
    AtomicInteger gone = new AtomicInteger();
    AtomicInteger kept = new AtomicInteger();
    try {
      go(
          place,
          filter,
          new Step() {
            @Override
            public void take(DeadLetterQueue queue, TaskRows rows, List<DeadLetter> letters) {
              if (yes) {
                int deleted =
                    queue.delete(letters.stream().map(DeadLetter::message).toList()).size();
                gone.addAndGet(deleted);
                kept.addAndGet(letters.size() - deleted);
              }
              letters.forEach(report::add);
            }

            @Override
            public boolean takesRows() {
              return false;
            }
          });
    } catch (RuntimeException e) {
      if (gone.get() > 0) {
        print("Discarded: " + gone);
      }
      throw e;
    }
    report.end();
    print(yes ? "Discarded: " + gone : UNCHANGED);
    return rejected(kept.get());
  }

  /** The action of a subcommand on the selected dead letters. */
  @FunctionalInterface
  interface Step {
    /** Runs the action on at most ten dead letters. */
    void take(DeadLetterQueue queue, TaskRows rows, List<DeadLetter> letters);

    /**
     * Checks the source queues before the first message is read.
     *
     * @param sources the queues that send their dead letters to the dead-letter queue, at least one
     * @throws CommandFailed if the action cannot run with these queues
     */
    default void check(List<String> sources) {}

    /** Returns whether the action also applies to failed rows without a dead letter. */
    default boolean takesRows() {
      return true;
    }
  }

  private void go(Place place, Filter filter, Step step) {
    check(place.fault().or(filter::fault));
    try (SqsClient sqs = place.sqs();
        DynamoDbClient dynamoDb = place.dynamoDb();
        DeadLetterQueue queue = place.queue(sqs)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt(queue)));
      List<String> sources = queue.open();
      if (sources.isEmpty()) {
        throw new CommandFailed(
            "No queue sends its dead letters to this queue: is it the dead-letter queue?");
      }
      step.check(sources);
      walk(queue, place.rows(dynamoDb), filter, step);
      reportSkipped(queue.later(), queue.isClosed() ? 0 : queue.hiddenByOthers());
    }
  }

  private void reportSkipped(int later, int hidden) {
    PrintWriter err = spec.commandLine().getErr();
    if (later > 0) {
      err.println(
          "Skipped, because they arrived after the start: " + later + ". Run the command again.");
    }
    if (hidden > 0) {
      err.println(
          "Hidden, because another receiver has them: "
              + hidden
              + ". Run the command again in five minutes.");
    }
  }

  /** Makes the messages visible again, and waits up to 2 s for the command to print its results. */
  private void interrupt(DeadLetterQueue queue) {
    queue.close();
    try {
      if (!ended.await(2, TimeUnit.SECONDS)) {
        spec.commandLine().getErr().println("Interrupted.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void walk(DeadLetterQueue queue, TaskRows rows, Filter filter, Step step) {
    Instant now = Instant.now();
    int room = filter.limit();
    Set<String> seen = new HashSet<>();
    while (room > 0) {
      List<Letter> messages = queue.next();
      if (messages.isEmpty()) {
        break;
      }
      messages.forEach(message -> message.id().ifPresent(seen::add));
      room -= take(letters(messages, rows), room, filter, step, queue, rows, now);
    }
    // A failed row may have a dead letter that another receiver has, or that is still on its way.
    if (!step.takesRows() || room == 0 || queue.isClosed() || queue.hiddenByOthers() > 0) {
      return;
    }
    Iterator<Letter> failed =
        rows.failed()
            .map(Letter::of)
            .filter(message -> message.sentAt().isBefore(now.minus(MESSAGE_LIFE)))
            .filter(message -> message.id().filter(seen::add).isPresent())
            .iterator();
    while (room > 0 && failed.hasNext()) {
      List<Letter> messages = new ArrayList<>();
      while (messages.size() < DeadLetterQueue.MAX_BATCH && failed.hasNext()) {
        messages.add(failed.next());
      }
      List<DeadLetter> letters =
          letters(messages, rows).stream().filter(DeadLetter::isFailed).toList();
      room -= take(letters, room, filter, step, queue, rows, now);
    }
  }

  private static int take(
      List<DeadLetter> letters,
      int room,
      Filter filter,
      Step step,
      DeadLetterQueue queue,
      TaskRows rows,
      Instant now) {
    List<DeadLetter> meant =
        letters.stream().filter(letter -> filter.matches(letter, now)).limit(room).toList();
    step.take(queue, rows, meant);
    return meant.size();
  }

  private static List<DeadLetter> letters(List<Letter> messages, TaskRows rows) {
    List<String> ids =
        messages.stream().flatMap(message -> message.id().stream()).distinct().toList();
    Map<String, DeadLetter.Row> found = rows.rows(ids);
    return messages.stream()
        .map(message -> new DeadLetter(message, message.id().map(found::get)))
        .toList();
  }

  /** A failure of the command, with a sentence for the user. */
  static final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailed(String sentence) {
      super(sentence);
    }
  }

  private void check(Optional<String> fault) {
    if (fault.isPresent()) {
      throw new ParameterException(spec.commandLine(), fault.get());
    }
  }

  private int rejected(int number) {
    if (number == 0) {
      return CommandLine.ExitCode.OK;
    }
    spec.commandLine().getErr().println("Rejected by SQS: " + number + ". Run the command again.");
    return CommandLine.ExitCode.SOFTWARE;
  }

  private Report report(boolean json) {
    return new Report(spec.commandLine().getOut(), json, Instant.now());
  }

  private void print(String line) {
    spec.commandLine().getOut().println(line);
  }
}
