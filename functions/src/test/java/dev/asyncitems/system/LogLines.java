package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.json.Json;
import dev.asyncitems.metric.Metric;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads the log lines of functions in this JVM from {@code System.out}, and checks them. A line
 * holds only known fields, in forms that leave no room for a client's text. Thread-safe.
 */
final class LogLines extends OutputStream {
  /** A text in every request with room for it. No line may contain it. */
  static final String CANARY = "canary-7f3a";

  private static final PrintStream OUT = System.out;
  private static final LogLines CAPTURED = new LogLines();
  private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  private static final String CLASS = "[A-Za-z_][A-Za-z0-9_.$]*";

  private static final Map<String, Pattern> TEXTS = texts();
  private static final Set<String> NUMBERS =
      Set.of(
          "status", "durationMs", "due", "sent", "notSent", "gaveUp", "dispatches", "skippedRows");

  /** The fields that each kind of line requires in addition to the common ones. */
  private static final Map<String, Set<String>> REQUIRED =
      Map.of(
          "request",
          Set.of(
              "requestId",
              "invocationId",
              "route",
              "status",
              "outcome",
              "durationMs",
              "result",
              "requests"),
          "message",
          Set.of("invocationId", "messageId", "delivery", "outcome", "durationMs"),
          "batch",
          Set.of("invocationId", "outcome", "durationMs", "failure"),
          "tick",
          Set.of("invocationId", "outcome", "durationMs"),
          "entry",
          Set.of("dispatches", "outcome"),
          "message not sent",
          Set.of("requestId", "route", "outcome", "failure"));

  /** The kinds of lines about one background task. */
  private static final Set<String> OF_A_TASK = Set.of("entry", "message not sent");

  private static final Pattern TASK_ID = Pattern.compile("[a-z]+Id");

  private final Queue<String> unchecked = new ConcurrentLinkedQueue<>();
  private final List<Consumer<JsonNode>> readers = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  static {
    System.setOut(new PrintStream(CAPTURED, true, StandardCharsets.UTF_8));
  }

  private LogLines() {}

  private static Map<String, Pattern> texts() {
    Map<String, String> forms = new HashMap<>();
    forms.put("timestamp", "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    forms.put("level", "INFO|WARN|ERROR");
    forms.put("message", "request|message|batch|tick|entry|message not sent");
    forms.put("function", "[A-Z][A-Za-z]{1,40}");
    forms.put("requestId", "[A-Za-z0-9_=-]{1,40}");
    forms.put("traceId", "1-[0-9a-f]{8}-[0-9a-f]{24}");
    forms.put("invocationId", "[A-Za-z0-9-]{1,40}");
    forms.put("route", "-|\\$default|[A-Z]{3,7} /[a-z{}./+-]*");
    forms.put(
        "outcome",
        "ok|/problems/[a-z-]+|done|already done|dead-lettered|retry|failed|dispatched"
            + "|left to the relay|unreadable");
    forms.put("result", "ok|client_error|server_error");
    forms.put("version", "\\$LATEST|[0-9]+");
    forms.put("messageId", "[A-Za-z0-9-]{1,100}");
    forms.put("delivery", "[0-9]{1,9}");
    forms.put(
        "reason",
        "the message is malformed|no row has the message's id|(the (store|queue) was"
            + " unavailable|the time ran out|an internal error occurred|the function stopped) at"
            + " the last of [0-9]+ (attempts|deliveries)");
    String own =
        "(DynamoDB|SQS) (answered [0-9]{3} [A-Za-z ]+|could not be reached|reported a"
            + " conflict|cancelled the transaction for [A-Za-z, ]+)|the deadline has passed(:"
            + " (DynamoDB|SQS) did not answer in time)?|other writers of the item did not end in"
            + " time|conflicts or throttling did not end in time|failed to dispatch any of [0-9]+"
            + " due entries|[0-9]+ random client tokens in a row were in use: check that the"
            + " kernel's random generator is reseeded after a restore|SQS rejected a message:"
            + " [A-Za-z]+|the event is not [A-Za-z0-9 ,.:]+";
    forms.put("failure", CLASS + "(: (" + own + "))?( <- " + CLASS + "(: (" + own + "))?)*");
    forms.put("at", CLASS + "[A-Za-z0-9_.$<>:/-]*( < [A-Za-z0-9_.$<>:/-]+)*");
    Map<String, Pattern> patterns = new HashMap<>();
    forms.forEach((name, form) -> patterns.put(name, Pattern.compile(form)));
    return patterns;
  }

  /** Starts to read, unless it has started already. */
  static void read() {
    assertThat(CAPTURED).isNotNull();
  }

  /**
   * Passes each line to a reader from now on, on the printing thread, until the result is closed.
   */
  static AutoCloseable to(Consumer<JsonNode> reader) {
    CAPTURED.readers.add(reader);
    return () -> CAPTURED.readers.remove(reader);
  }

  /**
   * Checks the form of all lines since the previous check.
   *
   * @throws AssertionError if lines are wrong; it shows some of them
   */
  static void check() {
    List<String> faults = new ArrayList<>();
    for (String text = CAPTURED.unchecked.poll(); text != null; text = CAPTURED.unchecked.poll()) {
      String fault = fault(text);
      if (fault != null) {
        faults.add(fault + ": " + text);
      }
    }
    assertThat(faults.subList(0, Math.min(5, faults.size())))
        .as("the first of %d log lines that are not as they should be", faults.size())
        .isEmpty();
  }

  /** Returns the fault of a line, or null if it has none. */
  static @Nullable String fault(String text) {
    if (text.contains("canary")) {
      return "holds what a client sent";
    }
    JsonNode json;
    try {
      var _ = Json.parse(text); // The parser rejects duplicate members.
      json = Api.JSON.readTree(text);
    } catch (Json.Malformed | JacksonException e) {
      return "is no JSON";
    }
    if (!json.isObject()) {
      return "is no JSON object";
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!isOfItsForm(field.getKey(), field.getValue(), json)) {
        return "has a " + field.getKey() + " that it shouldn't";
      }
    }
    String kind = json.path("message").asString("");
    if (OF_A_TASK.contains(kind) && json.propertyNames().stream().noneMatch(LogLines::isTaskId)) {
      return "has no id of a task";
    }
    Set<String> required = REQUIRED.getOrDefault(kind, Set.of("?"));
    for (String name : required) {
      if (!json.has(name)) {
        return "has no " + name;
      }
    }
    return json.has("timestamp") && json.has("level") && json.has("function")
        ? null
        : "has no timestamp, level or function";
  }

  private static boolean isOfItsForm(String name, JsonNode value, JsonNode line) {
    if (name.equals("_aws")) {
      return isMetadata(value, line);
    }
    if (isTaskId(name)) {
      return value.asString("").matches(UUID);
    }
    Pattern form = TEXTS.get(name);
    return form == null
        ? value.isIntegralNumber() && (NUMBERS.contains(name) || isMetric(name))
        : value.isString() && form.matcher(value.asString()).matches();
  }

  /** Returns whether a field is the id of a row with a background task, such as notificationId. */
  private static boolean isTaskId(String name) {
    return TASK_ID.matcher(name).matches() && !TEXTS.containsKey(name);
  }

  private static boolean isMetric(String name) {
    return Arrays.stream(Metric.values()).anyMatch(metric -> metric.text().equals(name));
  }

  // Checks a line against "Specification: Embedded metric format". Metrics must be at the root, and
  // dimensions must be texts.
  private static boolean isMetadata(JsonNode metadata, JsonNode line) {
    boolean named = metadata.path("Timestamp").isIntegralNumber() && metadata.size() == 2;
    for (JsonNode directive : metadata.path("CloudWatchMetrics")) {
      named &= directive.path("Namespace").asString("").matches("[A-Za-z0-9-]{1,128}");
      named &= directive.path("Dimensions").size() == 1 && directive.path("Metrics").size() > 0;
      for (JsonNode dimension : directive.path("Dimensions").path(0)) {
        named &= line.path(dimension.asString("?")).isString();
      }
      for (JsonNode metric : directive.path("Metrics")) {
        String name = metric.path("Name").asString("?");
        named &= isMetric(name) && line.path(name).isIntegralNumber();
      }
    }
    return named;
  }

  @Override
  public synchronized void write(int b) {
    line.write(b);
    if (b == '\n') {
      end();
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    int start = from;
    for (int i = from; i < from + length; i++) {
      if (bytes[i] == '\n') {
        line.write(bytes, start, i + 1 - start);
        end();
        start = i + 1;
      }
    }
    line.write(bytes, start, from + length - start);
  }

  private void end() {
    String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
    line.reset();
    OUT.println(text);
    // On the main thread tests print too, but only lines of functions begin with a brace.
    if (text.startsWith("{") || !Thread.currentThread().getName().equals("main")) {
      unchecked.add(text);
      if (!readers.isEmpty()) {
        tell(text);
      }
    }
  }

  private void tell(String text) {
    try {
      JsonNode json = Api.JSON.readTree(text);
      readers.forEach(reader -> reader.accept(json));
    } catch (JacksonException e) {
      // The check reports the line.
    }
  }
}
