package dev.asyncitems.system;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Resource;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.metric.Metric;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The template's dashboard shows only metrics and resources that exist, and all of them. */
final class DashboardTest {
  private static final Template TEMPLATE = ProjectTemplate.read();
  private static final String NAMESPACE = Surroundings.DEFAULT.stackName();
  private static final JsonNode DASHBOARD =
      Api.JSON.readTree(
          TEMPLATE.resource("Dashboard").at("DashboardBody").orElseThrow().toString());

  private static final Set<String> FUNCTIONS =
      TEMPLATE.functions().stream().map(Function::id).collect(toSet());

  private static final Pattern SEARCH =
      Pattern.compile("SEARCH\\('\\{\"([^\"]+)\",([a-z,]+)} MetricName=\"(\\w+)\"");

  /** A metric with the names and values of its dimensions, alternately. */
  private record Shown(String namespace, String name, List<String> dimensions) {}

  private static Stream<JsonNode> widgets(String type) {
    return DASHBOARD
        .required("widgets")
        .valueStream()
        .filter(widget -> widget.required("type").asString().equals(type));
  }

  /** Returns all metrics, with the abbreviations {@code ...} and {@code .} resolved. */
  private static List<Shown> shown() {
    List<Shown> all = new ArrayList<>();
    widgets("metric")
        .forEach(widget -> {
          List<String> before = List.of();
          for (JsonNode metric : widget.required("properties").required("metrics")) {
            List<String> names =
                new ArrayList<>(
                    metric
                        .valueStream()
                        .filter(JsonNode::isString)
                        .map(JsonNode::asString)
                        .toList());
            if (names.isEmpty()) {
              continue; // An expression has no name.
            }
            if (names.getFirst().equals("...")) {
              List<String> end = names.subList(1, names.size());
              names = new ArrayList<>(before.subList(0, before.size() - end.size()));
              names.addAll(end);
            }
            for (int i = 0; i < names.size(); i++) {
              if (names.get(i).equals(".")) {
                names.set(i, before.get(i));
              }
            }
            before = names;
            all.add(new Shown(names.get(0), names.get(1), names.subList(2, names.size())));
          }
        });
    return all;
  }

  private static Stream<String> expressions() {
    return widgets("metric")
        .flatMap(widget -> widget.required("properties").required("metrics").valueStream())
        .map(metric -> metric.path(0).path("expression").asString(""))
        .filter(expression -> !expression.isEmpty());
  }

  @Test
  void showsEachMetricThatTheFunctionsCountAndNoOther() {
    Set<String> shown =
        shown().stream()
            .filter(metric -> metric.namespace().equals(NAMESPACE))
            .map(metric -> metric.name() + dimensionNames(metric))
            .collect(toSet());
    expressions()
        .forEach(expression -> {
          Matcher search = SEARCH.matcher(expression);
          while (search.find()) {
            assertThat(search.group(1)).isEqualTo(NAMESPACE);
            shown.add(search.group(3) + Arrays.asList(search.group(2).split(",")));
          }
        });

    assertThat(shown)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Metric.values())
                .map(metric -> metric.text() + metric.dimensions())
                .toList());
  }

  private static List<String> dimensionNames(Shown metric) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < metric.dimensions().size(); i += 2) {
      names.add(metric.dimensions().get(i));
    }
    return names;
  }

  @Test
  void itsMetricsAreOfWhatTheTemplateMakes() {
    Set<String> made = TEMPLATE.resources().keySet().stream().map(TEMPLATE::ref).collect(toSet());
    TEMPLATE.queues().forEach(queue -> made.add(queue.name()));

    assertThat(shown())
        .hasSizeGreaterThan(50)
        .allSatisfy(metric -> {
          for (int i = 0; i < metric.dimensions().size(); i += 2) {
            String value = metric.dimensions().get(i + 1);
            switch (metric.dimensions().get(i)) {
              case "function" -> assertThat(FUNCTIONS).contains(value);
              case "GlobalSecondaryIndexName" -> assertThat(value).matches("timeline|outbox");
              default -> assertThat(made).contains(value);
            }
          }
        });
  }

  @Test
  void allFunctionsAreInWhatFailsAndInWhatIsPaid() {
    List<String> functions =
        TEMPLATE.functions().stream().map(Function::id).map(TEMPLATE::ref).toList();
    for (String metric : List.of("Errors", "Invocations", "Duration")) {
      assertThat(shown())
          .filteredOn(shown -> shown.name().equals(metric))
          .extracting(shown -> shown.dimensions().getLast())
          .as(metric)
          .containsExactlyInAnyOrderElementsOf(functions);
    }
    assertThat(shown())
        .filteredOn(shown -> shown.name().equals("IncomingBytes"))
        .extracting(shown -> shown.dimensions().getLast())
        .containsExactlyInAnyOrderElementsOf(
            TEMPLATE.resourcesOf("AWS::Logs::LogGroup").stream()
                .map(group -> TEMPLATE.ref(group.id()))
                .toList());
  }

  @Test
  void allTablesAreInWhatIsPaid() {
    List<List<String>> tables = new ArrayList<>();
    for (Table table : TEMPLATE.tables()) {
      tables.add(List.of("TableName", table.name()));
      table
          .globalIndexes()
          .forEach(index ->
              tables.add(
                  List.of("TableName", table.name(), "GlobalSecondaryIndexName", index.name())));
    }
    for (String metric : List.of("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")) {
      assertThat(dimensions(metric)).as(metric).containsExactlyInAnyOrderElementsOf(tables);
    }
  }

  @Test
  void allQueuesAreInWhatWaitsAndInWhatIsPaid() {
    List<List<String>> queues =
        TEMPLATE.queues().stream().map(queue -> List.of("QueueName", queue.name())).toList();
    for (String metric : List.of("ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent")) {
      assertThat(dimensions(metric)).as(metric).containsExactlyInAnyOrderElementsOf(queues);
    }
    List<List<String>> sources =
        TEMPLATE.mappings().stream()
            .map(mapping -> List.of("QueueName", TEMPLATE.queue(mapping.queueId()).name()))
            .toList();
    for (String metric :
        List.of(
            "ApproximateAgeOfOldestMessage", "NumberOfMessagesDeleted", "NumberOfEmptyReceives")) {
      assertThat(dimensions(metric)).as(metric).containsExactlyInAnyOrderElementsOf(sources);
    }
  }

  private static List<List<String>> dimensions(String metric) {
    return shown().stream()
        .filter(shown -> shown.name().equals(metric))
        .map(Shown::dimensions)
        .toList();
  }

  @Test
  void answersFromTopToBottom() {
    assertThat(widgets("text").sorted((a, b) -> y(a) - y(b)))
        .extracting(widget -> widget.required("properties").required("markdown").asString())
        .containsExactly(
            "## Are users served?",
            "## Are tasks done?",
            "## How old is the oldest?",
            "## What fails?",
            "## What does it cost?");
  }

  private static int y(JsonNode widget) {
    return widget.required("y").asInt();
  }

  @Test
  void showsEveryAlarm() {
    assertThat(widgets("alarm").toList()).hasSize(1);
    assertThat(
            widgets("alarm")
                .flatMap(widget -> widget.required("properties").required("alarms").valueStream())
                .map(JsonNode::asString))
        .containsExactlyInAnyOrderElementsOf(
            TEMPLATE.resourcesOf("AWS::CloudWatch::Alarm").stream()
                .map(Resource::id)
                .map(id -> TEMPLATE.attribute(id, "Arn"))
                .toList());
  }

  @Test
  void itsWidgetsFillTheGridWithoutLyingOnEachOther() {
    Set<List<Integer>> cells = new HashSet<>();
    int bottom = 0;
    for (JsonNode widget : DASHBOARD.required("widgets")) {
      bottom = Math.max(bottom, y(widget) + widget.required("height").asInt());
      for (int x = 0; x < widget.required("width").asInt(); x++) {
        for (int y = 0; y < widget.required("height").asInt(); y++) {
          assertThat(cells.add(List.of(widget.required("x").asInt() + x, y(widget) + y)))
              .as("%s", widget.required("properties"))
              .isTrue();
        }
      }
    }
    assertThat(cells).hasSize(24 * bottom).allMatch(cell -> cell.getFirst() < 24);
  }

  @Test
  void theRunbookQuotesItsTitles() throws IOException {
    String runbook =
        Files.readString(ProjectTemplate.FILE.resolveSibling("docs").resolve("operate.md"));
    List<String> quoted =
        runbook
            .lines()
            .filter(line -> line.startsWith("**Look at**"))
            .flatMap(line -> Pattern.compile("\"([A-Z][^\"]*)\"").matcher(line).results())
            .map(hit -> hit.group(1))
            .toList();

    assertThat(widgets("metric"))
        .extracting(widget -> widget.required("properties").required("title").asString())
        .containsAll(quoted);
    assertThat(quoted).isNotEmpty();
  }

  /** {@code -Ddashboard=write} updates the file. */
  @Test
  void theRunbooksDrawingIsOfIt() throws IOException {
    Path file = ProjectTemplate.FILE.resolveSibling("docs").resolve("dashboard.svg");
    String drawing = DashboardDrawing.of(DASHBOARD);
    if (System.getProperty("dashboard", "").equals("write")) {
      Files.writeString(file, drawing);
    }
    assertThat(Files.readString(file)).as("mvn test -Ddashboard=write").isEqualTo(drawing);
  }

  @Test
  void itsPricesAreThoseOfTheCostModel() throws IOException {
    JsonNode prices =
        Api.JSON.readTree(
            Files.readString(ProjectTemplate.FILE.resolveSibling("bench").resolve("prices.json")));
    Set<BigDecimal> known = new LinkedHashSet<>();
    for (String name :
        List.of(
            "http_api_request",
            "lambda_request",
            "lambda_gb_second",
            "dynamodb_read_unit",
            "dynamodb_write_unit",
            "sqs_request",
            "logs_gb")) {
      known.add(prices.required(name).decimalValue().stripTrailingZeros());
    }
    Set<BigDecimal> shown =
        expressions()
            .flatMap(expression ->
                Pattern.compile("0\\.\\d+").matcher(expression).results().map(hit -> hit.group()))
            .map(price -> new BigDecimal(price).stripTrailingZeros())
            .collect(toSet());

    assertThat(shown).containsExactlyInAnyOrderElementsOf(known);
  }
}
