package dev.asyncitems.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Resource;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.system.FaultProxy.Call;
import dev.asyncitems.system.ProjectTemplate;
import dev.asyncitems.system.SampleEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each function's role allows the calls that the function makes on all its paths, and no other. */
@TestInstance(Lifecycle.PER_CLASS)
final class PermissionsIT {
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final Template TEMPLATE = ProjectTemplate.read();

  private final Map<String, Set<String>> needed = new TreeMap<>();

  static List<String> functions() {
    return TEMPLATE.functions().stream().map(Function::id).toList();
  }

  /** Takes each path twice, since a repeated request may make other calls. */
  @BeforeAll
  void record() {
    Embedded.assume();
    TEMPLATE.functions().forEach(SampleEvent::of); // says which sample event is missing
    try (PathRun run = new PathRun()) {
      for (Path path : Path.all()) {
        byte[] event = run.prepare(path);
        try (Sandbox sandbox = run.sandbox(path)) {
          sandbox.proxy().plan(path.weather());
          var _ = sandbox.invoke(event, AMPLE);
          var _ = sandbox.invoke(event, AMPLE);
          for (Call call : sandbox.proxy().calls()) {
            needed(path.sample().function().id()).addAll(run.permissions(call));
          }
        }
      }
    }
    for (Mapping mapping : TEMPLATE.mappings()) {
      // Lambda receives and deletes the messages with the consumer's role.
      for (String action : List.of("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")) {
        needed(mapping.functionId()).add("sqs:" + action + " " + mapping.queueId());
      }
    }
  }

  private Set<String> needed(String functionId) {
    return needed.computeIfAbsent(functionId, id -> new TreeSet<>());
  }

  @ParameterizedTest
  @MethodSource("functions")
  void aRoleAllowsTheCallsOfItsFunctionAndNoOther(String id) {
    Resource function = TEMPLATE.resource(id);
    String log = named(function.at("LoggingConfig", "LogGroup").orElseThrow()).id();
    needed(id).addAll(List.of("logs:CreateLogStream " + log, "logs:PutLogEvents " + log));
    Resource role = named(function.at("Role").orElseThrow());

    assertThat(granted(role))
        .as("what %s in template.yaml allows", role.id())
        .containsExactlyInAnyOrderElementsOf(needed(id));
  }

  private static Resource named(Object arnOrRef) {
    return TEMPLATE
        .resourceNamed(arnOrRef.toString())
        .orElseThrow(() -> new AssertionError(arnOrRef));
  }

  /** Returns each action that a role allows, with the logical id of its resource. */
  private static List<String> granted(Resource role) {
    List<String> granted = new ArrayList<>();
    for (int i = 0; role.at("Policies", i).isPresent(); i++) {
      for (Object one : list(role.at("Policies", i, "PolicyDocument", "Statement").orElseThrow())) {
        Map<?, ?> statement = (Map<?, ?>) one;
        assertThat(statement.keySet()).isEqualTo(Set.of("Effect", "Action", "Resource"));
        assertThat(statement.get("Effect")).isEqualTo("Allow");
        for (Object action : list(statement.get("Action"))) {
          for (Object resource : list(statement.get("Resource"))) {
            granted.add(action + " " + name(resource.toString()));
          }
        }
      }
    }
    return granted;
  }

  private static List<?> list(@Nullable Object oneOrMany) {
    return oneOrMany instanceof List<?> many ? many : List.of(String.valueOf(oneOrMany));
  }

  /**
   * Returns the logical id of a resource, with the path to an index. Returns the ARN itself if the
   * template does not contain the resource.
   */
  private static String name(String arn) {
    int slash = arn.indexOf("/index/");
    String resource = slash < 0 ? arn : arn.substring(0, slash);
    return Stream.of("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Logs::LogGroup")
        .flatMap(type -> TEMPLATE.resourcesOf(type).stream())
        .map(Resource::id)
        .filter(id -> TEMPLATE.attribute(id, "Arn").equals(resource))
        .findFirst()
        .map(id -> id + arn.substring(resource.length()))
        .orElse(arn);
  }
}
