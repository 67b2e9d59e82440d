package dev.asyncitems.deadletters;

import dev.asyncitems.deadletters.DeadLetter.Outlook;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * The command line. Ends with 0; with 1 if something could not be done, and with 2 for a wrong
 * command line: then standard error has one sentence that says why.
 */
@Command(
    name = "dead-letters",
    description = "Looks at the jobs that were given up, replays them, discards them.",
    mixinStandardHelpOptions = true,
    version = "async-items dead-letters",
    synopsisSubcommandLabel = "COMMAND")
public final class Main {
  /** What SQS takes in one call. */
  private static final int BATCH = 10;

  private static final String UNCHANGED = "Nothing was changed. Add --yes to do it.";

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs the command and ends the process. */
  public static void main(String[] arguments) {
    System.exit(
        run(
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8),
            arguments));
  }

  /** Runs the command, with somewhere else to write to. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine line = new CommandLine(new Main());
    line.registerConverter(Duration.class, new Age());
    line.setOut(out).setErr(err);
    line.setParameterExceptionHandler((wrong, given) -> {
      String message = String.valueOf(wrong.getMessage());
      err.println(message + (message.endsWith(".") ? "" : ".") + " See --help.");
      return CommandLine.ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((failure, command, result) -> {
      if (failure instanceof SdkException) {
        err.println("It failed: " + failure.getMessage());
        return CommandLine.ExitCode.SOFTWARE;
      }
      throw failure;
    });
    return arguments.length == 0 ? line.execute("--help") : line.execute(arguments);
  }

  @Command(
      name = "list",
      description = "Lists the jobs, and what would come of a replay. Changes nothing.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin Place place,
      @Mixin Filter filter,
      @Option(names = "--json", description = "A JSON object a line.") boolean json) {
    Report report = report(json);
    go(place, filter, (queue, letters) -> letters.forEach(report::add));
    report.end();
    return CommandLine.ExitCode.OK;
  }

  @Command(
      name = "replay",
      description =
          "Sends jobs to their queue again. Each stays dead-lettered until its queue has it."
              + " Without --yes it only shows what it would do.",
      mixinStandardHelpOptions = true)
  int replay(
      @Mixin Place place,
      @Mixin Filter filter,
      @Option(
              names = "--to",
              paramLabel = "URL",
              description =
                  "The queue to send to; without it the one whose dead letters these are.")
          @Nullable String to,
      @Option(
              names = "--rate",
              paramLabel = "N",
              defaultValue = "50",
              description = "How many to send a second, at most (${DEFAULT-VALUE}).")
          int rate,
      @Option(names = "--force", description = "Also those that will come back.") boolean force,
      @Option(names = "--yes", description = "Do it.") boolean yes) {
    if (rate < 1) {
      throw new ParameterException(spec.commandLine(), "--rate must be 1 or more.");
    }
    Report report = report(false);
    List<Job> sent = new ArrayList<>();
    List<Job> refused = new ArrayList<>();
    List<Job> left = new ArrayList<>();
    Set<String> bodies = new HashSet<>(); // what comes back at once is not sent a second time
    go(
        place,
        filter,
        (queue, letters) -> {
          List<Job> meant = new ArrayList<>();
          for (DeadLetter letter : letters) {
            if (!bodies.add(letter.job().message().body())) {
              continue;
            }
            report.add(letter);
            (force || letter.outlook() != Outlook.COMES_BACK ? meant : left).add(letter.job());
          }
          if (!yes || meant.isEmpty()) {
            return;
          }
          String target = to == null ? source(queue) : to;
          int size = Math.min(BATCH, rate);
          for (int from = 0; from < meant.size(); from += size) {
            List<Job> part = meant.subList(from, Math.min(from + size, meant.size()));
            List<Job> taken = queue.move(part, target);
            sent.addAll(taken);
            part.stream().filter(job -> !taken.contains(job)).forEach(refused::add);
            pause(Duration.ofMillis(1_000L * part.size() / rate));
          }
        });
    report.end();
    if (!left.isEmpty()) {
      print("Left where they are, since they would come back: " + left.size() + " (see --force)");
    }
    if (!yes) {
      print(UNCHANGED);
      return CommandLine.ExitCode.OK;
    }
    print("Replayed: " + sent.size());
    if (!refused.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println(refused.size() + " were refused by the queue: try again.");
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(
      name = "discard",
      description =
          "Deletes jobs for good. Their notifications stay as they are. Without --yes it only shows"
              + " what it would do.",
      mixinStandardHelpOptions = true)
  int discard(
      @Mixin Place place,
      @Mixin Filter filter,
      @Option(names = "--yes", description = "Do it.") boolean yes) {
    Report report = report(false);
    List<Job> deleted = new ArrayList<>();
    go(
        place,
        filter,
        (queue, letters) -> {
          letters.forEach(report::add);
          if (yes) {
            deleted.addAll(queue.delete(letters.stream().map(DeadLetter::job).toList()));
          }
        });
    report.end();
    print(yes ? "Discarded: " + deleted.size() : UNCHANGED);
    return CommandLine.ExitCode.OK;
  }

  /** What is done with some of the jobs. */
  private interface Step {
    void take(DeadLetterQueue queue, List<DeadLetter> letters);
  }

  private void go(Place place, Filter filter, Step step) {
    try (SqsClient sqs = place.sqs();
        DynamoDbClient dynamoDb = place.dynamoDb();
        DeadLetterQueue queue = new DeadLetterQueue(sqs, place.queueUrl())) {
      Notifications notifications = place.notifications(dynamoDb);
      int room = filter.limit();
      Instant now = Instant.now();
      while (room > 0) {
        List<Job> jobs = queue.next();
        if (jobs.isEmpty()) {
          return;
        }
        List<DeadLetter> letters =
            letters(jobs, notifications).stream()
                .filter(letter -> filter.matches(letter, now))
                .limit(room)
                .toList();
        step.take(queue, letters);
        room -= letters.size();
      }
    }
  }

  private static List<DeadLetter> letters(List<Job> jobs, Notifications notifications) {
    List<String> ids = jobs.stream().flatMap(job -> job.id().stream()).distinct().toList();
    Map<String, DeadLetter.Row> rows = notifications.rows(ids);
    return jobs.stream().map(job -> new DeadLetter(job, job.id().map(rows::get))).toList();
  }

  private String source(DeadLetterQueue queue) {
    List<String> sources = queue.sources();
    if (sources.size() != 1) {
      throw new ParameterException(
          spec.commandLine(),
          sources.isEmpty()
              ? "No queue has its dead letters here: name the one to send to with --to."
              : "Several queues have their dead letters here: name one with --to.");
    }
    return sources.get(0);
  }

  private Report report(boolean json) {
    return new Report(spec.commandLine().getOut(), json, Instant.now());
  }

  private void print(String line) {
    spec.commandLine().getOut().println(line);
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
