package dev.asyncitems.local.invocation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Stack traces for a reader. They keep the messages, the project's frames, and the first frame of
 * each exception. Thread-safe.
 *
 * @param isOwn returns whether a class with this name is the project's
 * @param whole whether the traces keep all frames
 */
public record StackTraces(Predicate<String> isOwn, boolean whole) {

  private static final String FIELD = "stackTrace";

  /** The fields that say the same in short, or are for CloudWatch. */
  private static final List<String> LEFT_OUT = List.of("at", "_aws");

  /** A frame. The second line of a message may begin with "at " too. */
  private static final Pattern FRAME = Pattern.compile("at [\\w.$/@+-]+(\\.<\\w+>)?\\(.*\\)");

  private static final Pattern COMMON_FRAMES = Pattern.compile("\\.\\.\\. \\d+ more");

  /** Returns the lines of a stack trace, without indentation and invisible characters. */
  public List<String> lines(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    return lines(trace.toString());
  }

  private List<String> lines(String trace) {
    List<String> lines = new ArrayList<>();
    boolean first = false;
    int hidden = 0;
    for (String line : trace.lines().map(String::strip).toList()) {
      boolean frame = FRAME.matcher(line).matches();
      if (!whole && frame && !first && !isOwn.test(type(line))) {
        hidden++;
      } else if (whole || !COMMON_FRAMES.matcher(line).matches()) {
        addHidden(lines, hidden);
        hidden = 0;
        lines.add(Printable.escaped(line));
        first = !frame;
      }
    }
    addHidden(lines, hidden);
    return lines;
  }

  private static void addHidden(List<String> lines, int frames) {
    if (frames > 0) {
      lines.add("... " + frames + (frames == 1 ? " frame" : " frames") + " of libraries");
    }
  }

  /** Returns the class of a frame such as {@code at java.base/java.util.List.of(List.java:7)}. */
  private static String type(String frame) {
    String method = frame.substring("at ".length(), frame.indexOf('('));
    String name = method.substring(method.lastIndexOf('/') + 1);
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  /**
   * Returns a line of a log. If it is a JSON object with a {@code stackTrace}, the trace follows on
   * lines of its own instead, and the object is shorter.
   */
  public String readable(String line) {
    if (!line.startsWith("{") || !line.contains('"' + FIELD + '"')) {
      return line;
    }
    JsonNode json = Json.readIfValid(line.getBytes(StandardCharsets.UTF_8));
    if (!(json instanceof ObjectNode object) || !object.path(FIELD).isTextual()) {
      return line;
    }
    List<String> lines = lines(object.remove(FIELD).asText());
    object.remove(LEFT_OUT);
    return String.join("\n    ", object.toString(), String.join("\n    ", lines));
  }
}
