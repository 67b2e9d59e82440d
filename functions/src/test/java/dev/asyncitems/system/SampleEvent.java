package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Route;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.system.Contract.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file of {@code events/}. Its name is the name of its function, such as {@code get-item}, and
 * may have a suffix, such as {@code get-item-if-none-match}.
 *
 * <p>All else that the tests know about functions follows from these files, from {@code
 * template.yaml} and from the contract. An id in an event is the id in the contract's example of
 * the answer to a {@code POST}, and stands for the thing that {@link #create} creates with it.
 */
public record SampleEvent(String name, Function function, String text) {
  private static final Path FOLDER = Path.of(System.getProperty("events"));
  private static final Template TEMPLATE = ProjectTemplate.read();
  private static final Contract CONTRACT = Contract.served();
  private static final String KEY = "idempotency-key";
  private static final List<SampleEvent> ALL = readAll();
  private static final List<SampleEvent> POSTS =
      ALL.stream().filter(SampleEvent::isHttp).filter(SampleEvent::isPost).toList();

  /** Returns all sample events, in the order of their names. */
  public static List<SampleEvent> all() {
    return ALL;
  }

  private static List<SampleEvent> readAll() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().map(SampleEvent::read).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the sample event that has the name of the function, without a suffix. */
  public static SampleEvent of(Function function) {
    return read(FOLDER.resolve(kebab(function) + ".json"));
  }

  private static SampleEvent read(Path file) {
    String name = file.getFileName().toString().replaceFirst("\\.json$", "");
    Function function =
        TEMPLATE.functions().stream()
            .filter(one -> (name + "-").startsWith(kebab(one) + "-"))
            .max(Comparator.comparingInt(one -> one.id().length()))
            .orElseThrow(
                () -> new AssertionError(file + ": template.yaml has no function of this name"));
    try {
      return new SampleEvent(name, function, Files.readString(file));
    } catch (IOException e) {
      throw new AssertionError(
          function.id() + " has no sample event: events/" + file.getFileName() + " is missing", e);
    }
  }

  private static String kebab(Function function) {
    return function.id().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  /**
   * Creates one thing by each {@code POST} whose answer has an id. Returns the ids, by the ids that
   * stand for them in the events.
   */
  public static Map<String, String> create(LocalRun run) {
    Map<String, String> ids = new LinkedHashMap<>();
    for (SampleEvent event : POSTS) {
      byte[] answer = run.invoke(event.function.id(), bytes(event.json(Map.of())));
      String body = Api.JSON.readTree(answer).required("body").asString();
      event
          .idInContract()
          .ifPresent(id -> ids.put(id, Api.JSON.readTree(body).required("id").asString()));
    }
    return ids;
  }

  /** Returns the id in the contract's example of the answer. */
  private Optional<String> idInContract() {
    return Objects.requireNonNull(operation().responses().get(status()))
        .at("/content/application~1json/examples")
        .valueStream()
        .map(example -> CONTRACT.resolved(example).at("/value/id").asString(""))
        .filter(id -> !id.isEmpty())
        .findFirst();
  }

  public boolean isHttp() {
    return text.contains("\"routeKey\"");
  }

  /** Returns whether the event delivers messages of a queue. */
  public boolean isBatch() {
    return text.contains("\"Records\"");
  }

  private boolean isPost() {
    return routeKey().startsWith("POST ");
  }

  /** Returns the key of the event's route, such as {@code GET /items/{id}}. */
  public String routeKey() {
    return raw().required("routeKey").asString();
  }

  private ObjectNode raw() {
    return (ObjectNode) Api.JSON.readTree(text);
  }

  /** Returns the event about the things with these ids, with an idempotency key of its own. */
  public ObjectNode json(Map<String, String> ids) {
    String about = text;
    for (Map.Entry<String, String> id : ids.entrySet()) {
      about = about.replace(id.getKey(), id.getValue());
      about =
          Pattern.compile(withAnyCounter(id.getKey()))
              .matcher(about)
              .replaceAll(part -> withCounter(id.getValue(), part.group(1)));
    }
    ObjectNode event = (ObjectNode) Api.JSON.readTree(about);
    if (event.path("headers").has(KEY)) {
      ((ObjectNode) event.required("headers")).put(KEY, UUID.randomUUID().toString());
    }
    return event;
  }

  /** Returns a pattern of the id and of the ids of its parts, which differ in the counter. */
  public static String withAnyCounter(String id) {
    return withCounter(id, "([0-9a-f]{3})");
  }

  private static String withCounter(String id, String counter) {
    return id.substring(0, 15) + counter + id.substring(18);
  }

  /** Returns an event as a function receives it. */
  public static byte[] bytes(JsonNode event) {
    return event.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Returns whether the contract names a parameter of the event's operation. */
  public boolean takes(String parameter) {
    return isHttp()
        && CONTRACT.operations().stream()
            .filter(one -> one.key().equals(routeKey()))
            .flatMap(one -> one.parameters().stream())
            .anyMatch(one -> one.required("name").asString().equals(parameter));
  }

  private Operation operation() {
    return CONTRACT.operations().stream()
        .filter(one -> one.key().equals(routeKey()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("openapi.yaml has no operation " + routeKey()));
  }

  /** Returns the status of the answer: the operation's success, unless the event asks otherwise. */
  private int status() {
    ObjectNode event = raw();
    if (routeKey().equals(Route.DEFAULT)) {
      return event.required("rawPath").asString().endsWith("/") ? 308 : 404;
    }
    return event.path("headers").has("if-none-match")
        ? 304
        : operation().responses().keySet().iterator().next();
  }

  /** Checks that an answer to this event reports complete success. */
  public void assertSucceeded(byte[] answer) {
    JsonNode got = Api.JSON.readTree(answer);
    if (isHttp()) {
      assertThat(got.required("statusCode").asInt()).as("%s: %s", name, got).isEqualTo(status());
    } else if (isBatch()) {
      assertThat(got.required("batchItemFailures")).as("%s: %s", name, got).isEmpty();
    } else {
      assertThat(got.required("due").asInt()).as("%s: %s", name, got).isPositive();
      assertThat(got.required("sent")).as("%s: %s", name, got).isEqualTo(got.required("due"));
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
