package dev.asyncitems.runtime;

import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The sample events of the functions in the zip, in an order in which each finds what it is about.
 *
 * <p>An id in an event is the id in the contract's example of the {@code Location} header.
 */
final class Samples {
  private static final Pattern LOCATION = Pattern.compile("(/[a-z-]+)/([0-9a-f-]{36})");

  /** The beginnings of route keys, in the order of their events. Other events come between. */
  private static final List<String> FIRST = List.of("POST", "GET", "PUT", "PATCH");

  /**
   * A function, and the file of its event.
   *
   * @param isGone whether another event has deleted what this event reads
   */
  record Sample(Function function, Path file, boolean isGone) {
    private String path() {
      Matcher path = Pattern.compile("\"rawPath\": \"([^\"]*)").matcher(text());
      return path.find() ? path.group(1) : "";
    }

    private String text() {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Returns the position of the event among the others. A deletion is the last. */
    private int order() {
      Matcher key = Pattern.compile("\"routeKey\": \"([A-Z]+)").matcher(text());
      String method = key.find() ? key.group(1) : "";
      int first = FIRST.indexOf(method);
      return method.equals("DELETE") ? Integer.MAX_VALUE : first < 0 ? FIRST.size() : first;
    }

    @Override
    public String toString() {
      return file.getFileName().toString();
    }
  }

  private final List<Sample> all;
  private final Map<String, String> inContract = new HashMap<>();
  private final Map<String, String> ids = new HashMap<>();

  /**
   * Reads the events and the contract beside the template.
   *
   * @param events the folder of the sample events
   */
  Samples(Template template, Path events) throws IOException {
    try (Stream<Path> files = Files.list(events)) {
      List<Sample> once =
          files
              .sorted()
              .map(file -> new Sample(function(template, file), file, false))
              .filter(sample -> isInTheZip(template, sample.function()))
              .sorted(Comparator.comparingInt(Sample::order))
              .toList();
      all = Stream.concat(once.stream(), gone(once)).toList();
    }
    Matcher locations = LOCATION.matcher(Files.readString(events.resolveSibling("openapi.yaml")));
    while (locations.find()) {
      inContract.put(locations.group(1), locations.group(2));
    }
  }

  /** Returns the events that read what a deletion has removed, so that a rejection is trained. */
  private static Stream<Sample> gone(List<Sample> samples) {
    Set<String> deleted =
        samples.stream()
            .filter(sample -> sample.order() == Integer.MAX_VALUE)
            .map(Sample::path)
            .collect(Collectors.toSet());
    return samples.stream()
        .filter(sample -> sample.text().contains("\"routeKey\": \"GET "))
        .filter(sample -> deleted.contains(sample.path()))
        .map(sample -> new Sample(sample.function(), sample.file(), true));
  }

  private static Function function(Template template, Path file) {
    return template.functions().stream()
        .filter(one -> file.getFileName().toString().matches(kebab(one) + "[-.].*"))
        .max(Comparator.comparingInt(one -> one.id().length()))
        .orElseThrow(() -> new IllegalStateException("no function has the event " + file));
  }

  private static String kebab(Function function) {
    return function.id().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  private static boolean isInTheZip(Template template, Function function) {
    return template
        .resource(function.id())
        .at("CodeUri")
        .filter("functions/target/functions.zip"::equals)
        .isPresent();
  }

  List<Sample> all() {
    return all;
  }

  /** Returns the event, about what was created last, with an idempotency key of its own. */
  String read(Sample sample) {
    String text = sample.text();
    for (Map.Entry<String, String> id : ids.entrySet()) {
      text = text.replace(id.getKey(), id.getValue());
    }
    return text.replaceAll("(\"idempotency-key\": \")[^\"]*", "$1" + UUID.randomUUID());
  }

  /**
   * Takes an answer.
   *
   * @throws IllegalStateException if it is an error that the event does not ask for
   */
  void answered(Sample sample, String text) {
    String event = sample.text();
    String expected =
        sample.isGone()
            ? "\"statusCode\":404,"
            : event.contains("\"routeKey\": \"$default\"")
                ? "\"statusCode\":(404|308),"
                : event.contains("\"if-none-match\"")
                    ? "\"statusCode\":304,"
                    : event.contains("\"routeKey\"")
                        ? "\"statusCode\":2\\d\\d,"
                        : "\"batchItemFailures\":\\[\\]|\"notSent\":0,";
    if (!Pattern.compile(expected).matcher(text).find()) {
      throw new IllegalStateException(sample + " was answered " + text);
    }
    Matcher created = LOCATION.matcher(text);
    if (text.contains("\"Location\"") && created.find() && event.contains("\"POST ")) {
      ids.put(inContract.getOrDefault(created.group(1), ""), created.group(2));
    }
  }
}
