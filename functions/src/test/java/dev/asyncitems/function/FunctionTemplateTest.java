package dev.asyncitems.function;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.asyncitems.lambda.Log;
import dev.asyncitems.lambda.Printed;
import dev.asyncitems.lambda.TestContext;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Resource;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.template.TemplateException;
import dev.asyncitems.settings.Setting;
import dev.asyncitems.system.ProjectTemplate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that {@code template.yaml} agrees with the functions' classes. */
final class FunctionTemplateTest {

  private static final String JVM_OPTIONS = "JAVA_TOOL_OPTIONS";

  /** No function reads it. It makes a version differ from the last one. */
  private static final String RELEASE = "RELEASE";

  /** Each parameter has a different value, so that the test notices a mix-up. */
  private static final Map<String, String> CHOSEN =
      Map.of(
          "ReadShards", "8",
          "WriteShards", "4",
          "MaxAttempts", "9",
          "DoneRetentionDays", "31",
          "DynamoDbEndpointUrl", "http://dynamodb.example",
          "SqsEndpointUrl", "http://sqs.example");

  private static final Template TEMPLATE = read(CHOSEN);

  /** The values of variables that hold neither a table, a queue nor the parameter of their name. */
  private static final Map<String, String> VALUES =
      Map.of(
          "ENDPOINT_URL_DYNAMODB",
          "http://dynamodb.example",
          "ENDPOINT_URL_SQS",
          "http://sqs.example",
          "METRICS_NAMESPACE",
          Surroundings.DEFAULT.stackName(),
          JVM_OPTIONS,
          "-XX:+IgnoreUnrecognizedVMOptions -XX:TieredStopAtLevel=1"
              + " -XX:Tier3LoadFeedback=1000");

  static List<String> functions() {
    return TEMPLATE.functions().stream().map(Function::id).toList();
  }

  @Test
  void unmatchedRouteKnowsTheRoutesOfTheTemplate() {
    Set<String> declared =
        TEMPLATE.routes().stream()
            .filter(route -> !route.isDefault())
            .map(route -> route.key())
            .collect(toSet());

    assertThat(Route.ALL)
        .extracting(route -> route.method() + " " + route.path())
        .as("routes of openapi.yaml in routes.txt, by the routes in template.yaml")
        .containsExactlyInAnyOrderElementsOf(declared);
  }

  @Test
  void noRouteEndsInASlash() {
    assertThat(TEMPLATE.resourcesOf("AWS::ApiGatewayV2::Route"))
        .isNotEmpty()
        .extracting(route -> route.at("RouteKey").orElseThrow().toString())
        .noneMatch(key -> key.endsWith("/"));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theHandlerIsAClassThatLambdaCanStart(String id) throws Exception {
    Function function = TEMPLATE.function(id);
    Class<?> type = Class.forName(function.handler());

    assertThat(type.getSimpleName()).isEqualTo(function.id());
    assertThat(type).isPublic().isAssignableTo(RequestStreamHandler.class);
    assertThat(type).isAssignableTo(AutoCloseable.class);
    assertThat(Modifier.isAbstract(type.getModifiers())).isFalse();
    assertThat(type.getConstructor()).isNotNull();
    assertThat(type.getConstructor(Map.class, Clock.class)).isNotNull();
  }

  @Test
  void theHandlerClassesAreTheFunctionsOfTheTemplate() {
    List<String> handlers =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(Route.class.getPackageName())
                .stream()
                .filter(type -> type.isAssignableTo(RequestStreamHandler.class))
                .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .toList();

    assertThat(TEMPLATE.functions())
        .extracting(Function::handler)
        .containsExactlyInAnyOrderElementsOf(handlers);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void startsWithTheTemplatesVariablesAndWhatLambdaGives(String id) throws Exception {
    Function function = TEMPLATE.function(id);
    start(function, environment(function));

    Map<String, String> withoutEndpoints = environment(function);
    withoutEndpoints.replaceAll((name, value) -> isOptional(name) ? "" : value);
    start(function, withoutEndpoints);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void namesEachVariableOfTheTemplateThatIsMissing(String id) {
    Function function = TEMPLATE.function(id);
    Set<String> needed = new TreeSet<>(function.environment().keySet());
    needed.removeIf(FunctionTemplateTest::isOptional);
    for (String name : needed) {
      Map<String, String> environment = environment(function);
      environment.remove(name);
      assertThat(catchThrowable(() -> start(function, environment)))
          .as(name)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("environment variables: " + name + " is missing");
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void aVariableHoldsWhatItsNameSays(String id) {
    Function function = TEMPLATE.function(id);
    Set<String> names = function.environment().keySet();

    function.environment().entrySet().stream()
        .filter(variable -> !variable.getKey().equals(RELEASE)) // see TemplateTest
        .forEach(variable ->
            assertThat(variable.getValue())
                .as(variable.getKey())
                .isEqualTo(value(variable.getKey())));
    // Only functions that use a table or a queue get its name. Another test starts them without it.
    assertThat(names.contains("ENDPOINT_URL_DYNAMODB"))
        .as("ENDPOINT_URL_DYNAMODB goes with tables")
        .isEqualTo(names.stream().anyMatch(name -> name.endsWith("_TABLE")));
    assertThat(names.contains("ENDPOINT_URL_SQS"))
        .as("ENDPOINT_URL_SQS goes with queues")
        .isEqualTo(names.stream().anyMatch(name -> name.endsWith("_QUEUE_URL")));
  }

  /** Returns the value that a variable has by its name. */
  private static @Nullable String value(String name) {
    if (name.endsWith("_TABLE")) {
      return TEMPLATE.tables().stream()
          .filter(table -> name.equals(upperSnake(table.id()) + "_TABLE"))
          .map(table -> TEMPLATE.ref(table.id()))
          .findFirst()
          .orElse(null);
    }
    if (name.endsWith("QUEUE_URL")) {
      // The queue is the queue of the only consumer that has the variable.
      String main = name.replace("_DEAD_LETTER_QUEUE_URL", "_QUEUE_URL");
      Queue queue = TEMPLATE.queue(mapping(main).queueId());
      return name.equals(main) || queue.redrive() == null
          ? queue.url()
          : TEMPLATE.queue(queue.redrive().queueId()).url();
    }
    Queue first = TEMPLATE.queue(TEMPLATE.mappings().getFirst().queueId());
    if (name.equals("VISIBILITY_TIMEOUT_SECONDS")) {
      return String.valueOf(first.visibilityTimeout().toSeconds());
    }
    if (name.equals("MAX_RECEIVE_COUNT")) {
      return String.valueOf(Objects.requireNonNull(first.redrive()).maxReceiveCount());
    }
    return TEMPLATE.parameters().entrySet().stream()
        .filter(parameter -> name.equals(upperSnake(parameter.getKey())))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(VALUES.get(name));
  }

  private static Mapping mapping(String variable) {
    List<Mapping> having =
        TEMPLATE.mappings().stream()
            .filter(m -> TEMPLATE.function(m.functionId()).environment().containsKey(variable))
            .toList();
    assertThat(having).as("consumers that have " + variable).hasSize(1);
    return having.getFirst();
  }

  private static String upperSnake(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }

  @Test
  void everyFunctionIsToldWhereItsMetricsGo() {
    assertThat(TEMPLATE.functions())
        .allSatisfy(function -> assertThat(function.environment()).containsKey(Log.NAMESPACE));
  }

  @Test
  void everyFunctionAnswersTheEventThatKeepsItsSnapshotActive() throws Exception {
    List<Resource> schedules = TEMPLATE.resourcesOf("AWS::Scheduler::Schedule");
    assertThat(schedules).hasSameSizeAs(TEMPLATE.functions().stream().skip(1).toList());
    for (Resource schedule : schedules) {
      Function function = TEMPLATE.function(schedule.id().replace("WarmUp", ""));
      String event = schedule.at("Target", "Input").orElseThrow().toString();
      try (var handler = handler(function, environment(function));
          Printed printed = new Printed()) {
        assertThat(answer(handler, event)).as(function.id()).isEqualTo("{}");
        assertThat(answer(handler, " { \"warmUp\" : true }\n")).isEqualTo("{}");
        assertThat(printed.text()).as("lines of " + function.id()).isEmpty();
      }
    }
  }

  private static String answer(AutoCloseable handler, String event) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ((RequestStreamHandler) handler)
        .handleRequest(
            new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
            answer,
            TestContext.AMPLE);
    return answer.toString(StandardCharsets.UTF_8);
  }

  @Test
  void thisJavaKnowsTheOptionsOfTheJvm() {
    var jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    String options = VALUES.getOrDefault(JVM_OPTIONS, "");
    assertThat(options.split(" "))
        .allSatisfy(option ->
            assertThat(jvm.getVMOption(option.replaceAll("-XX:[+]?|=.*", ""))).isNotNull());
  }

  @Test
  void everySettingIsGivenToSomeFunction() {
    Set<String> given =
        TEMPLATE.functions().stream()
            .flatMap(function -> function.environment().keySet().stream())
            .filter(name -> !isOptional(name))
            .collect(toSet());

    assertThat(settings()).extracting(Setting::name).containsExactlyInAnyOrderElementsOf(given);
  }

  @Test
  void whatTheTemplateLetsAnOperatorChooseTheFunctionsTake() {
    var read = IntStream.rangeClosed(0, 17);
    assertThat(accepted("ReadShards", read)).contains(1, 2, 4).allMatch(valid("READ_SHARDS"));
    var write = IntStream.rangeClosed(0, 17);
    assertThat(accepted("WriteShards", write)).contains(1, 2, 4).allMatch(valid("WRITE_SHARDS"));
    var counts = IntStream.of(0, 1, 8, 9, 10, 11, 99, 100, 101, 999, 1_000);
    assertThat(accepted("MaxAttempts", counts)).contains(1, 8, 10).allMatch(valid("MAX_ATTEMPTS"));
    var days = IntStream.of(0, 1, 30, 99, 100, 999, 1_000, 9_999, 10_000, 99_999, 100_000);
    assertThat(accepted("DoneRetentionDays", days))
        .contains(0, 30, 999)
        .allMatch(valid("DONE_RETENTION_DAYS"));
  }

  private static Set<Setting> settings() {
    return Stream.concat(
            Stream.of(TaskKind.toRun(TaskKind.ALL)),
            Stream.of(Setting.class.getFields()).map(FunctionTemplateTest::constant))
        .collect(toSet());
  }

  private static Setting constant(Field field) {
    try {
      return (Setting) field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static Predicate<Integer> valid(String setting) {
    Setting named =
        settings().stream().filter(known -> known.name().equals(setting)).findFirst().orElseThrow();
    return number -> named.form().matches(Integer.toString(number));
  }

  /** Returns the numbers that the template accepts for a parameter. */
  private static List<Integer> accepted(String parameter, IntStream numbers) {
    return numbers
        .filter(number -> {
          try {
            Map<String, String> chosen =
                new HashMap<>(Map.of("ReadShards", "8", "WriteShards", "1"));
            chosen.put(parameter, Integer.toString(number));
            read(chosen);
            return true;
          } catch (TemplateException e) {
            return false;
          }
        })
        .boxed()
        .toList();
  }

  private static Template read(Map<String, String> parameters) {
    return ProjectTemplate.read(parameters);
  }

  private static boolean isOptional(String name) {
    return name.startsWith("ENDPOINT_URL_")
        || Set.of(Log.NAMESPACE, RELEASE, JVM_OPTIONS).contains(name);
  }

  private static Map<String, String> environment(Function function) {
    Map<String, String> environment = new HashMap<>(function.environment());
    environment.put("AWS_REGION", "us-east-1");
    environment.put("AWS_ACCESS_KEY_ID", "key");
    environment.put("AWS_SECRET_ACCESS_KEY", "secret");
    return environment;
  }

  private static AutoCloseable handler(Function function, Map<String, String> environment)
      throws Exception {
    return Class.forName(function.handler())
        .asSubclass(AutoCloseable.class)
        .getConstructor(Map.class, Clock.class)
        .newInstance(environment, Clock.systemUTC());
  }

  private static void start(Function function, Map<String, String> environment) throws Exception {
    try (AutoCloseable handler = handler(function, environment)) {
      assertThat(handler).isNotNull();
    } catch (InvocationTargetException e) {
      throw (Exception) Objects.requireNonNull(e.getCause());
    }
  }
}
