package dev.asyncitems.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.template.Resource;
import dev.asyncitems.local.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every alarm leads to a section of the runbook. */
final class RunbookTest {
  private static final Template TEMPLATE = ProjectTemplate.read();

  /** Has an alarm more. */
  private static final Template OF_OUR_RUNTIME =
      ProjectTemplate.read(Map.of("Runtime", "provided.al2023"));

  private static final Pattern SECTION =
      Pattern.compile("^### (\\w+Alarm)\\n(.*?)(?=^##|\\z)", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern NAMED = Pattern.compile("\\$\\(name (\\w+)\\)");

  private final String runbook =
      Files.readString(ProjectTemplate.FILE.resolveSibling("docs/runbook.md"));
  private final Map<String, String> sections = new LinkedHashMap<>();

  RunbookTest() throws IOException {
    for (MatchResult section : SECTION.matcher(runbook).results().toList()) {
      sections.put(section.group(1), section.group(2));
    }
  }

  private static List<Resource> alarms() {
    return OF_OUR_RUNTIME.resourcesOf("AWS::CloudWatch::Alarm");
  }

  /** Returns the metric of an alarm, and the kind of function that it is about. */
  private static String kind(Resource alarm) {
    if (alarm.at("MetricName").isEmpty()) {
      // An alarm on an expression watches resources of one kind.
      List<?> dimensions =
          (List<?>) alarm.at("Metrics", 1, "MetricStat", "Metric", "Dimensions").orElseThrow();
      return alarm.at("Metrics", 0, "Expression").orElseThrow().toString()
          + dimensions.stream().map(one -> ((Map<?, ?>) one).get("Name")).toList();
    }
    String about = alarm.at("Dimensions", 0, "Value").map(Object::toString).orElse("");
    boolean consumer =
        TEMPLATE.mappings().stream().anyMatch(m -> TEMPLATE.ref(m.functionId()).equals(about));
    return alarm.at("MetricName").orElseThrow() + (consumer ? " of a consumer" : "");
  }

  @Test
  void everySectionIsAboutAnAlarm() {
    assertThat(alarms()).extracting(Resource::id).containsAll(sections.keySet());
  }

  @Test
  void aSectionSaysWhatItMeansWhatToLookAtAndWhatToType() {
    assertThat(sections.values())
        .allSatisfy(section ->
            assertThat(section)
                .contains("**It means**", "**Look at**", "**Type**")
                .containsPattern("```(sh|\\n)"));
  }

  /** Two tasks have the same kinds of alarms, so one section is for both. */
  @Test
  void anAlarmLeadsToASectionOfItsKind() {
    assertThat(alarms())
        .isNotEmpty()
        .allSatisfy(alarm -> {
          String description = alarm.at("AlarmDescription").orElseThrow().toString();
          assertThat(sections.keySet())
              .as("sections of docs/runbook.md for %s: %s", alarm.id(), description)
              .anyMatch(section ->
                  description.endsWith("docs/runbook.md#" + section.toLowerCase(Locale.ROOT))
                      && kind(OF_OUR_RUNTIME.resource(section)).equals(kind(alarm)));
        });
  }

  @Test
  void whatItNamesIsInTheTemplate() {
    Set<String> named =
        NAMED.matcher(runbook).results().map(hit -> hit.group(1)).collect(Collectors.toSet());
    assertThat(named).isNotEmpty();
    // SAM creates a resource for each event and names it after the function and the event.
    TEMPLATE.schedules().forEach(rule -> named.remove(rule.functionId() + rule.id()));
    assertThat(TEMPLATE.resources().keySet()).containsAll(named);
  }

  /** A filter after {@code stats} finds only the fields that {@code stats} kept. */
  @Test
  void aQueryFiltersBeforeItCounts() {
    assertThat(runbook).doesNotContainPattern("stats [^\n']*\\| *filter");
  }

  @Test
  void theOutputsThatItReadsAreThere() {
    Set<String> outputs =
        Pattern.compile("\\$\\(output (\\w+)\\)")
            .matcher(runbook)
            .results()
            .map(hit -> hit.group(1))
            .collect(Collectors.toSet());
    assertThat(outputs).isNotEmpty();
    assertThat(TEMPLATE.outputs().keySet()).containsAll(outputs);
  }
}
