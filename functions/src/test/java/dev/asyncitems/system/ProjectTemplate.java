package dev.asyncitems.system;

import dev.asyncitems.local.LocalRun;
import dev.asyncitems.local.LocalRunBuilder;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The project's {@code template.yaml}, without access control unless a test chooses it. */
public final class ProjectTemplate {
  public static final Path FILE = Path.of(System.getProperty("template"));

  private static final Map<String, String> PARAMETERS = Map.of("Access", "open");

  private ProjectTemplate() {}

  /** Returns the template, resolved with these parameters. */
  public static Template read(Map<String, String> parameters) {
    Map<String, String> all = new LinkedHashMap<>(PARAMETERS);
    all.putAll(parameters);
    return Template.read(FILE, Surroundings.DEFAULT.withParameters(all));
  }

  /** Returns the template, resolved with the default parameters. */
  public static Template read() {
    return read(Map.of());
  }

  /** Returns a builder for a run of the template with engines in this JVM. */
  public static LocalRunBuilder run() {
    LocalRunBuilder run = LocalRun.of(FILE);
    PARAMETERS.forEach(run::parameter);
    return run;
  }
}
