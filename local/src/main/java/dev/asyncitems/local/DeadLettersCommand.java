package dev.asyncitems.local;

import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Surroundings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command for failed tasks, with the places of a run. */
final class DeadLettersCommand {

  /** The end of the variable with a consumer's dead-letter queue, after the name of its tasks. */
  private static final String QUEUE = "_DEAD_LETTER_QUEUE_URL";

  private DeadLettersCommand() {}

  /** Returns the lines for each consumer; an empty list if the project lacks the command. */
  static List<String> lines(LocalRun run, Path template) {
    List<String> lines = new ArrayList<>();
    Path module = template.toAbsolutePath().resolveSibling("deadletters");
    if (!Files.isDirectory(module)) {
      return lines;
    }
    Path jar = module.resolve("target").resolve("dead-letters.jar");
    for (Mapping mapping : run.template().mappings()) {
      Map<String, String> environment = run.environment(mapping.functionId());
      environment.forEach((name, url) -> {
        String table = environment.get(name.replace(QUEUE, "_TABLE"));
        if (name.endsWith(QUEUE) && table != null) {
          lines.add("  " + command(run, jar, url, table));
        }
      });
    }
    if (!lines.isEmpty()) {
      String first = Files.exists(jar) ? "" : " (first build it: mvn -q package -DskipTests)";
      lines.addAll(0, List.of("", "Failed tasks" + first));
    }
    return lines;
  }

  private static String command(LocalRun run, Path jar, String url, String table) {
    return String.join(
        " ",
        "java -Daws.accessKeyId=local -Daws.secretAccessKey=local -jar",
        quoted(jar.toString()),
        "list --region",
        Surroundings.DEFAULT.region(),
        "--queue-url",
        url,
        "--table",
        table,
        "--endpoint-url",
        run.sqsEndpoint().toString(),
        "--dynamodb-endpoint-url",
        run.dynamoDbEndpoint().toString());
  }

  /** Returns a word for a shell. */
  private static String quoted(String word) {
    return word.matches("[\\w.,:/\\\\@%+=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
