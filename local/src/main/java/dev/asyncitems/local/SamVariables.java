package dev.asyncitems.local;

import dev.asyncitems.local.json.Json;
import dev.asyncitems.local.template.Function;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A writer of the variables file for {@code sam local --env-vars}. The SAM CLI itself cannot know
 * the names of a run's tables and the URLs of its queues.
 */
final class SamVariables {
  private static final String HOST = "http://host.docker.internal:";

  private SamVariables() {}

  /**
   * Writes {@code target/sam-local-env.json} in the template's folder.
   *
   * @param sqs the endpoint of SQS on this machine
   * @throws LocalRunException if the file cannot be written
   */
  static void write(Path template, List<Function> functions, URI sqs) {
    Map<String, Map<String, String>> variables = new LinkedHashMap<>();
    for (Function function : functions) {
      Map<String, String> own = new LinkedHashMap<>(function.environment());
      // Leaves out empty variables, because the SAM CLI sets them from the parameters.
      own.values().removeIf(String::isEmpty);
      own.replaceAll((name, value) -> value.replace(sqs.toString(), HOST + sqs.getPort()));
      variables.put(function.id(), own);
    }
    Path file = template.resolveSibling("target").resolve("sam-local-env.json");
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, Json.bytes(variables));
    } catch (IOException e) {
      throw new LocalRunException("Can't write " + file + ": " + e.getMessage(), e);
    }
  }
}
