package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The commands in docs/api.md get the answers that it names. Needs bash and curl 7.83. */
@EndToEnd
final class ApiGuideIT {
  private static final Pattern BLOCKS = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ANSWERS =
      Pattern.compile("^Answers?: ([0-9, ]+)", Pattern.MULTILINE);
  private static final Pattern STATUS = Pattern.compile("HTTP/1.1 (\\d{3}) ");

  private final Api api;

  ApiGuideIT(Api api) {
    this.api = api;
  }

  @Test
  void theCommandsGetTheirAnswers() throws Exception {
    String guide = Files.readString(ProjectTemplate.FILE.resolveSibling("docs/api.md"));
    String session = String.join("", all(BLOCKS, guide));
    List<String> answers =
        all(ANSWERS, guide).stream()
            .flatMap(some -> Pattern.compile("\\d+").matcher(some).results())
            .map(MatchResult::group)
            .toList();
    assumeTrue(
        canRunIt(),
        "not applicable to this machine: no bash, or no curl that knows --json and %header");

    String output =
        bash(session.replace("http://localhost:3000", api.base().toString().replace("$", "\\$")));

    assertThat(all(STATUS, output)).as(output).isEqualTo(answers).hasSize(18);
    assertThat(output).containsOnlyOnce("Idempotent-Replayed: true");
    assertThat(output.lines().filter(line -> line.startsWith("{\"id\"")).toList())
        .filteredOn(line -> line.contains("\"message\":\"soon\""))
        .last(InstanceOfAssertFactories.STRING)
        .as("two seconds later")
        .contains("\"status\":\"logged\"");
    assertThat(output).contains("\"status\":\"done\",\"total\":2,\"created\":1,\"rejected\":1");
  }

  private static boolean canRunIt() {
    try {
      return bash("curl -s --json x -w '%header{x}' http://127.0.0.1:1; test $? = 7 && echo yes")
          .contains("yes");
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String bash(String script) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", script).redirectError(Redirect.DISCARD);
    builder.environment().put("no_proxy", "*"); // curl would use a proxy here too
    Process bash = builder.start();
    bash.getOutputStream().close();
    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    bash.waitFor();
    return output;
  }

  private static List<String> all(Pattern pattern, String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
