package dev.asyncitems.local;

import dev.asyncitems.local.issuer.TokenIssuer;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Route;
import dev.asyncitems.local.template.Schedule;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Template;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints the state of a run when it is ready, and then one line for each event. */
final class Console implements RunListener {

  private static final String RED = "\u001b[31m";
  private static final String YELLOW = "\u001b[33m";
  private static final String GREEN = "\u001b[32m";
  private static final String DIM = "\u001b[2m";
  private static final String RESET = "\u001b[0m";

  private final PrintStream out;
  private final boolean colours;

  Console(PrintStream out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  void ready(LocalRun run, @Nullable Path folder, Duration sinceStart) {
    Template template = run.template();
    StringBuilder text = new StringBuilder();
    line(text, "");
    line(text, paint(GREEN, "Listening on " + run.uri()) + seconds(sinceStart));
    run.pageUri().ifPresent(page -> line(text, "To watch it  " + page));
    line(text, "");
    line(text, "Routes");
    int width = 0;
    for (Route route : template.routes()) {
      width = Math.max(width, route.path().length());
    }
    for (Route route : template.routes()) {
      String method = route.isDefault() ? "*" : route.method();
      String path = route.isDefault() ? "anything else" : route.path();
      String format = "  %-7s %-" + Math.max(width, 13) + "s  %s";
      line(text, String.format(format, method, path, route.functionId()));
    }
    if (!template.mappings().isEmpty() || !template.schedules().isEmpty()) {
      line(text, "");
      line(text, "Triggers");
    }
    for (Mapping mapping : template.mappings()) {
      line(text, "  queue " + mapping.queueId() + "  ->  " + mapping.functionId());
    }
    for (Schedule schedule : template.schedules()) {
      line(
          text,
          "  every "
              + words(schedule.rate())
              + "  ->  "
              + schedule.functionId()
              + (schedule.enabled() ? "" : " (disabled)"));
    }
    for (TokenIssuer issuer : run.tokenIssuers()) {
      line(text, "");
      line(text, "This run issues the tokens of " + issuer.uri() + ". A token for all routes:");
      line(text, "  " + issuer.token());
      line(text, "Other tokens: curl -d 'sub=ann&scope=...' " + issuer.tokenEndpoint());
    }
    line(text, "");
    line(text, "Engines, for any AWS client with region us-east-1 and any credentials");
    line(text, "  DynamoDB  " + run.dynamoDbEndpoint());
    for (Table table : template.tables()) {
      line(text, "            table " + table.name());
    }
    line(text, "  SQS       " + run.sqsEndpoint());
    for (Queue queue : template.queues()) {
      line(text, "            queue " + queue.url());
    }
    line(text, "  Data      " + (folder == null ? "in memory, lost at the end" : "in " + folder));
    line(text, "");
    line(text, "Stop with Ctrl-C.");
    line(text, "");
    print(text);
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
                printable(method),
                printable(withoutQuery(path)),
                paint(colour, Integer.toString(status)),
                milliseconds(time),
                functionId));
  }

  @Override
  public void batch(String functionId, String queueId, int messages, int failed, Duration time) {
    String outcome = failed == 0 ? "all done" : failed + " failed, left in the queue";
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
    StringWriter stack = new StringWriter();
    why.printStackTrace(new PrintWriter(stack));
    List<String> lines =
        stack.toString().lines().map(String::strip).map(Console::printable).toList();
    happened(
        paint(RED, functionId + " failed, request " + requestId + ":")
            + " "
            + String.join(System.lineSeparator() + "    ", lines));
  }

  @Override
  public void reloaded(int functions, Duration time) {
    happened(
        paint(GREEN, "reloaded " + functions + (functions == 1 ? " function" : " functions"))
            + " "
            + milliseconds(time));
  }

  @Override
  public void trouble(String sentence) {
    happened(paint(YELLOW, printable(sentence)));
  }

  private void happened(String what) {
    String time = LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).toString();
    StringBuilder text = new StringBuilder();
    line(text, paint(DIM, time) + " " + what);
    print(text);
  }

  private static String milliseconds(Duration time) {
    return time.toMillis() + " ms";
  }

  /** Removes the query, which may hold users' texts. */
  private static String withoutQuery(String target) {
    int mark = target.indexOf('?');
    return mark < 0 ? target : target.substring(0, mark);
  }

  /**
   * Escapes invisible characters. Requests, and exceptions that quote them, could otherwise move
   * the terminal's cursor, hide text or imitate a line of this console.
   */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isInvisible(c)) {
        printable.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        printable.append(c);
      }
    }
    return printable.toString();
  }

  private static boolean isInvisible(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  private String paint(String colour, String text) {
    return colours ? colour + text + RESET : text;
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append(System.lineSeparator());
  }

  private void print(StringBuilder text) {
    out.print(text);
    out.flush();
  }
}
