package dev.asyncitems.local;

import dev.asyncitems.local.invocation.InjectedFailures;
import dev.asyncitems.local.invocation.Printable;
import dev.asyncitems.local.invocation.RunListener;
import dev.asyncitems.local.invocation.StackTraces;
import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Route;
import dev.asyncitems.local.template.Schedule;
import dev.asyncitems.local.template.Template;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A listener that prints the run's addresses and resources at the start, and then each event. */
record Console(PrintStream out, boolean colours, StackTraces traces) implements RunListener {

  private static final String RED = "\u001b[31m";
  private static final String YELLOW = "\u001b[33m";
  private static final String GREEN = "\u001b[32m";
  private static final String DIM = "\u001b[2m";
  private static final String RESET = "\u001b[0m";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  /** Prints the state of a run. {@code file} is the template's file. */
  void ready(LocalRun run, Path file, @Nullable Path folder, Duration sinceStart) {
    Template template = run.template();
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(paint(GREEN, "Listening on " + run.uri()) + seconds(sinceStart));
    run.pageUri().ifPresent(page -> lines.add("To watch it  " + page));
    template.docsPath().ifPresent(path -> lines.add("API docs     " + run.uri() + path));
    lines.add("");
    lines.add("Routes");
    int width = template.routes().stream().mapToInt(r -> r.path().length()).max().orElse(0);
    for (Route route : template.routes()) {
      String method = route.isDefault() ? "*" : route.method();
      String path = route.isDefault() ? "anything else" : route.path();
      String format = "  %-7s %-" + Math.max(width, 13) + "s  %s";
      lines.add(String.format(format, method, path, route.functionId()));
    }
    if (!template.mappings().isEmpty() || !template.schedules().isEmpty()) {
      lines.add("");
      lines.add("Triggers");
    }
    for (Mapping mapping : template.mappings()) {
      lines.add("  queue " + mapping.queueId() + "  ->  " + mapping.functionId());
    }
    for (Schedule schedule : template.schedules()) {
      String off = schedule.enabled() ? "" : " (disabled)";
      lines.add("  every " + words(schedule.rate()) + "  ->  " + schedule.functionId() + off);
    }
    int unsupported = template.resourcesOf("AWS::Scheduler::Schedule").size();
    if (unsupported > 0) {
      lines.add("Schedules of EventBridge Scheduler, which do not run here: " + unsupported);
    }
    for (TokenIssuer issuer : run.tokenIssuers()) {
      lines.add("");
      lines.add("This run issues the tokens of " + issuer.uri() + ". A token for all routes:");
      lines.add("  " + issuer.token());
      lines.add("Other tokens: curl -d 'sub=ann&scope=...' " + issuer.tokenEndpoint());
    }
    lines.add("");
    lines.add("Engines, for any AWS client with region us-east-1 and any credentials");
    lines.add("  DynamoDB  " + run.dynamoDbEndpoint());
    template.tables().forEach(table -> lines.add("            table " + table.name()));
    lines.add("  SQS       " + run.sqsEndpoint());
    template.queues().forEach(queue -> lines.add("            queue " + queue.url()));
    lines.add("  Data      " + (folder == null ? "in memory, lost at the end" : "in " + folder));
    lines.addAll(DeadLettersCommand.lines(run, file));
    for (Function function : template.functions()) {
      run.failures()
          .left(function.id())
          .ifPresent(times -> lines.add(paint(YELLOW, failing(function.id(), times))));
    }
    lines.add("");
    lines.add("Stop with Ctrl-C.");
    lines.add("");
    print(lines);
  }

  private static String failing(String functionId, int times) {
    return functionId
        + (times == InjectedFailures.UNLIMITED
            ? " fails until you turn it off at the page"
            : " fails " + (times == 1 ? "once" : times + " times"))
        + ", because of --fail.";
  }

  private static String words(Duration rate) {
    if (rate.toMinutes() % 60 != 0) {
      return rate.toMinutes() == 1 ? "minute" : rate.toMinutes() + " minutes";
    }
    return rate.toHours() == 1 ? "hour" : rate.toHours() + " hours";
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, " (ready after %.1f s)", time.toMillis() / 1000.0);
  }

  @Override
  public void answered(String method, String path, int status, String functionId, Duration time) {
    String colour = status >= 500 ? RED : status >= 400 ? YELLOW : GREEN;
    happened(
        "%s %s %s %s %s"
            .formatted(
                Printable.escaped(method),
                Printable.escaped(withoutQuery(path)),
                paint(colour, Integer.toString(status)),
                milliseconds(time),
                functionId));
  }

  @Override
  public void denied(String method, String path, int status, String why) {
    happened(
        "%s %s %s: %s"
            .formatted(
                Printable.escaped(method),
                Printable.escaped(withoutQuery(path)),
                paint(YELLOW, Integer.toString(status)),
                Printable.escaped(why)));
  }

  @Override
  public void batch(String functionId, String queueId, int messages, int failed, Duration time) {
    String outcome = failed == 0 ? "removed from the queue" : failed + " failed, left in the queue";
    happened(
        "%s batch of %d, %s %s %s"
            .formatted(
                queueId,
                messages,
                paint(failed == 0 ? GREEN : YELLOW, outcome),
                milliseconds(time),
                functionId));
  }

  @Override
  public void tick(String functionId, String scheduleId, boolean succeeded, Duration time) {
    happened(
        "%s tick %s %s %s"
            .formatted(
                scheduleId,
                succeeded ? paint(GREEN, "done") : paint(RED, "failed"),
                milliseconds(time),
                functionId));
  }

  @Override
  public void failed(String functionId, String requestId, Throwable why) {
    happened(
        paint(RED, functionId + " failed, request " + requestId + ":")
            + " "
            + String.join(System.lineSeparator() + "    ", traces.lines(why)));
  }

  @Override
  public void reloaded(int functions, Duration time) {
    happened(
        paint(GREEN, "reloaded " + functions + (functions == 1 ? " function" : " functions"))
            + " "
            + milliseconds(time));
  }

  @Override
  public void notCompiled(List<String> errors) {
    String lines =
        String.join(
            System.lineSeparator() + "    ", errors.stream().map(Printable::escaped).toList());
    happened(paint(RED, "not compiled, the previous classes stay in use:") + " " + lines);
  }

  @Override
  public void trouble(String sentence) {
    happened(paint(YELLOW, Printable.escaped(sentence)));
  }

  private void happened(String what) {
    String time = TIME.format(LocalTime.now(ZoneId.systemDefault()));
    print(List.of(paint(DIM, time) + " " + what));
  }

  private static String milliseconds(Duration time) {
    return time.toMillis() + " ms";
  }

  /** Removes the query, because it may contain users' data. */
  private static String withoutQuery(String target) {
    return target.split("\\?", -1)[0];
  }

  private String paint(String colour, String text) {
    return colours ? colour + text + RESET : text;
  }

  private void print(List<String> lines) {
    out.print(String.join(System.lineSeparator(), lines) + System.lineSeparator());
    out.flush();
  }
}
