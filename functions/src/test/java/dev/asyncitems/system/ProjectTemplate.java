package dev.asyncitems.system;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.LocalRunBuilder;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.outbox.Redelivery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The project's {@code template.yaml}, without access control unless a test chooses it. */
public final class ProjectTemplate {
  public static final Path FILE = Path.of(System.getProperty("template"));

  private static final Map<String, String> PARAMETERS = Map.of("Access", "open");
  private static final Template TEMPLATE =
      Template.read(FILE, Surroundings.DEFAULT.withParameters(PARAMETERS));

  private ProjectTemplate() {}

  /** Returns the longest life of a message on any queue that has a consumer. */
  public static Duration messageLife() {
    return TEMPLATE.mappings().stream()
        .map(mapping -> TEMPLATE.queue(mapping.queueId()))
        .map(queue ->
            Redelivery.messageLife(
                queue.visibilityTimeout(),
                Objects.requireNonNull(queue.redrive()).maxReceiveCount()))
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** Returns the template, resolved with these parameters. */
  public static Template read(Map<String, String> parameters) {
    Map<String, String> all = new LinkedHashMap<>(PARAMETERS);
    all.putAll(parameters);
    return TEMPLATE.in(Surroundings.DEFAULT.withParameters(all));
  }

  /** Returns the template, resolved with the default parameters. */
  public static Template read() {
    return TEMPLATE;
  }

  /** Returns a builder for a run of the template with engines in this JVM. */
  public static LocalRunBuilder run() {
    LocalRunBuilder run = LocalRun.of(FILE);
    PARAMETERS.forEach(run::parameter);
    return run;
  }
}
