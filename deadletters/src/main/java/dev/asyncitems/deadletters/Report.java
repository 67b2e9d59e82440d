package dev.asyncitems.deadletters;

import dev.asyncitems.deadletters.DeadLetter.Outlook;
import dev.asyncitems.deadletters.DeadLetter.Row;
import dev.asyncitems.json.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import tools.jackson.core.JsonGenerator;

/**
 * A report with a line for each dead letter and each failed row without one. A text report ends
 * with the totals.
 */
final class Report {
  private static final String LINE = "%-36s  %5s  %8s  %-23s  %s%n";
  private static final int BODY_LENGTH = 60;

  private final PrintWriter out;
  private final boolean json;
  private final Instant now;
  private final Map<Outlook, Integer> counts = new EnumMap<>(Outlook.class);
  private int count;

  Report(PrintWriter out, boolean json, Instant now) {
    this.out = out;
    this.json = json;
    this.now = now;
  }

  void add(DeadLetter letter) {
    if (json) {
      out.println(Json.write(object -> write(object, letter)));
    } else {
      if (count == 0) {
        out.printf(LINE, "ID", "AGE", "ATTEMPTS", "A REPLAY", "REASON");
      }
      out.printf(
          LINE,
          letter.message().id().orElse("-"),
          Age.of(Duration.between(letter.message().sentAt(), now)),
          letter.row().map(row -> String.valueOf(row.attempts())).orElse("-"),
          letter.outlook(),
          printable(letter.reason())
              + letter.message().id().map(id -> "").orElse(": " + start(letter.message()))
              + (letter.message().isQueued() ? "" : " (no dead letter)"));
    }
    out.flush();
    count++;
    counts.merge(letter.outlook(), 1, Integer::sum);
  }

  /** Prints the totals. Does nothing if the report is in JSON. */
  void end() {
    if (json) {
      return;
    }
    StringJoiner kinds = new StringJoiner(", ");
    counts.forEach((outlook, count) -> kinds.add(count + " " + outlook));
    out.println(
        count == 0
            ? "No dead-lettered task matches."
            : (count == 1 ? "1 task" : count + " tasks") + "; a replay: " + kinds);
    out.flush();
  }

  private static void write(JsonGenerator json, DeadLetter letter) {
    json.writeStartObject();
    letter.message().id().ifPresent(id -> json.writeStringProperty("id", id));
    json.writeBooleanProperty("deadLetter", letter.message().isQueued());
    if (letter.message().isQueued()) {
      json.writeStringProperty("messageId", letter.message().message().messageId());
    }
    json.writeStringProperty("sentAt", letter.message().sentAt().toString());
    json.writeStringProperty("reason", letter.reason());
    letter.row().map(Row::status).ifPresent(status -> json.writeStringProperty("status", status));
    letter.row().map(Row::attempts).ifPresent(count -> json.writeNumberProperty("attempts", count));
    json.writeStringProperty("replay", letter.outlook().toString());
    json.writeStringProperty("body", letter.message().body());
    json.writeEndObject();
  }

  private static String start(Letter letter) {
    String body = letter.body();
    return printable(body.length() <= BODY_LENGTH ? body : body.substring(0, BODY_LENGTH) + "...");
  }

  // A malformed message may hold control characters, which must not reach the terminal.
  private static String printable(String text) {
    return text.replaceAll("\\p{C}", "?");
  }
}
