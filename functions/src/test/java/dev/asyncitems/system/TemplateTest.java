package dev.asyncitems.system;

import static java.util.Map.entry;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.asyncitems.lambda.Log;
import dev.asyncitems.local.template.Function;
import dev.asyncitems.local.template.Mapping;
import dev.asyncitems.local.template.Queue;
import dev.asyncitems.local.template.Queue.Redrive;
import dev.asyncitems.local.template.Resource;
import dev.asyncitems.local.template.Route;
import dev.asyncitems.local.template.Schedule;
import dev.asyncitems.local.template.Surroundings;
import dev.asyncitems.local.template.Table;
import dev.asyncitems.local.template.Table.Index;
import dev.asyncitems.local.template.Table.KeyPart;
import dev.asyncitems.local.template.Template;
import dev.asyncitems.local.template.TemplateException;
import dev.asyncitems.metric.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Checks {@code template.yaml} apart from the functions' classes. It is read as SAM transforms it,
 * with {@code Globals} merged and references resolved.
 */
final class TemplateTest {
  private static final Template TEMPLATE = ProjectTemplate.read();

  private static final KeyPart ID = new KeyPart("id", "HASH", "S");
  private static final Index TIMELINE = timeline("ALL");
  private static final Index TIMELINE_OF_TASKS = timeline("KEYS_ONLY");
  private static final Index OUTBOX =
      new Index(
          "outbox",
          List.of(new KeyPart("outbox", "HASH", "S"), new KeyPart("nextDispatchAt", "RANGE", "S")),
          "INCLUDE",
          List.of("status", "dispatches", "requestId", "traceHeader"));

  private static Index timeline(String projection) {
    return new Index(
        "timeline",
        List.of(new KeyPart("shard", "HASH", "N"), new KeyPart("id", "RANGE", "S")),
        projection,
        List.of());
  }

  private static final String KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/0a-1b";
  private static final String BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";
  private static final Map<String, String> DOMAIN =
      Map.of(
          "DomainName",
          "api.example.com",
          "CertificateArn",
          "arn:aws:acm:us-east-1:123456789012:certificate/0a-1b");

  /** The templates with one changed parameter, by the parameter's name. */
  private static final Map<String, Template> CHANGED =
      Map.ofEntries(
              entry("JwtIssuer", "https://issuer.example"),
              entry("JwtAudience", "audience"),
              entry("Runtime", "provided.al2023"),
              entry("Architecture", "arm64"),
              entry("ScopePrefix", "https://api.example.com/"),
              entry("Release", "20261130T024501Z-929b7ba"),
              entry("SnapStart", "false"),
              entry("Canary", "true"),
              entry("MemorySize", "2048"),
              entry("ThrottleRate", "9"),
              entry("ThrottleBurst", "9"),
              entry("ReadShards", "4"),
              entry("WriteShards", "1"),
              entry("ConsumerMaximumConcurrency", "9"),
              entry("ImportMaximumConcurrency", "9"),
              entry("ReservedConcurrency", "true"),
              entry("MaxAttempts", "9"),
              entry("DoneRetentionDays", "31"),
              entry("ImportRetentionDays", "31"),
              entry("LogRetentionDays", "7"),
              entry("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms"),
              entry("OperationsDashboard", "false"),
              entry("SystemLogLevel", "WARN"),
              entry("Tracing", "Active"),
              entry("Tables", "existing"),
              entry("ItemsTable", "Items-2"),
              entry("NotificationsTable", "Notifications-2"),
              entry("ImportsTable", "Imports-2"),
              entry("IdempotencyTable", "Idempotency-2"),
              entry("DeletionProtection", "true"),
              entry("KmsKeyArn", KMS_KEY),
              entry("PermissionsBoundaryArn", BOUNDARY),
              entry("BasePath", "/v1"),
              entry("CorsAllowedOrigins", "*"))
          .entrySet()
          .stream()
          .collect(
              toMap(
                  Map.Entry::getKey,
                  e ->
                      e.getKey().endsWith("Table")
                          ? withExistingTable(e.getKey(), e.getValue())
                          : read(e.getKey(), e.getValue())));

  static List<String> functions() {
    return TEMPLATE.functions().stream().map(Function::id).toList();
  }

  static List<String> tables() {
    return TEMPLATE.tables().stream().map(Table::id).toList();
  }

  /**
   * Returns the tables whose name is a parameter. The description of a version holds these names
   * and has no room for more, so a further table is called after the stack alone.
   */
  static List<String> tablesWithParameters() {
    return tables().stream()
        .filter(table -> TEMPLATE.parameters().containsKey(table + "Table"))
        .toList();
  }

  static List<String> alarms() {
    return TEMPLATE.resourcesOf("AWS::CloudWatch::Alarm").stream().map(Resource::id).toList();
  }

  // ---- permissions

  @Test
  void eachFunctionHasARoleOfItsOwnThatLambdaAloneTakes() {
    List<String> roles = TEMPLATE.functions().stream().map(f -> role(f).id()).toList();
    Template template = read("SnapStart", "false");

    assertThat(template.resourcesOf("AWS::IAM::Role"))
        .extracting(Resource::id)
        .containsExactlyInAnyOrderElementsOf(roles)
        .doesNotHaveDuplicates();
    assertThat(template.resourcesOf("AWS::IAM::Role"))
        .allSatisfy(role -> {
          // This also excludes managed policies.
          assertThat(role.properties()).containsOnlyKeys("AssumeRolePolicyDocument", "Policies");
          assertThat(role.at("AssumeRolePolicyDocument", "Statement"))
              .contains(
                  List.of(
                      Map.of(
                          "Effect", "Allow",
                          "Principal", Map.of("Service", "lambda.amazonaws.com"),
                          "Action", "sts:AssumeRole")));
        });
  }

  @Test
  void nothingButThoseRolesGivesPermissions() {
    assertThat(TEMPLATE.resources().values())
        .extracting(Resource::type)
        .filteredOn(type -> type.startsWith("AWS::IAM::") || type.endsWith("Policy"))
        .containsOnly("AWS::IAM::Role");
    // SAM would turn each of these into permissions.
    assertThat(TEMPLATE.resourcesOf("AWS::Serverless::Function"))
        .allSatisfy(function ->
            assertThat(function.properties())
                .doesNotContainKeys("Policies", "Connectors", "FunctionUrlConfig"));
    assertThat(TEMPLATE.resources().values())
        .allSatisfy(resource -> assertThat(resource.attributes()).doesNotContainKey("Connectors"));
  }

  @Test
  void everyRoleHasTheBoundaryThatWasChosen() {
    Template template =
        ProjectTemplate.read(Map.of("PermissionsBoundaryArn", BOUNDARY, "Canary", "true"));
    assertThat(template.resourcesOf("AWS::IAM::Role"))
        .hasSize(TEMPLATE.functions().size() + 2)
        .allSatisfy(role -> assertThat(role.at("PermissionsBoundary")).contains(BOUNDARY));
  }

  @Test
  void withAKeyOfTheAccountTheFunctionsOfTablesMayUseItThroughDynamoDb() {
    Template template = read("KmsKeyArn", KMS_KEY);
    Resource policy = template.resource("KmsKeyPolicy");

    assertThat(policy.at("PolicyDocument", "Statement", 0, "Resource")).contains(KMS_KEY);
    assertThat(policy.at("PolicyDocument", "Statement", 0, "Condition"))
        .contains(
            Map.of("StringEquals", Map.of("kms:ViaService", "dynamodb.us-east-1.amazonaws.com")));
    assertThat(list(policy.at("Roles").orElseThrow()))
        .extracting(Object::toString)
        .containsExactlyInAnyOrderElementsOf(
            TEMPLATE.functions().stream()
                .filter(f -> f.environment().containsKey("ENDPOINT_URL_DYNAMODB"))
                .map(f -> TEMPLATE.ref(role(f).id()))
                .toList());
    for (Table table : TEMPLATE.tables()) {
      assertThat(template.resource(table.id()).at("SSESpecification"))
          .contains(Map.of("SSEEnabled", true, "SSEType", "KMS", "KMSMasterKeyId", KMS_KEY));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "*"})
  void theApiMayCallEachFunctionForItsRoutesAlone(String origins) {
    Template template = read("CorsAllowedOrigins", origins);
    Set<Map<String, Object>> expected =
        template.routes().stream()
            .map(route ->
                Map.<String, Object>of(
                    "FunctionName",
                    alias(route.functionId()),
                    "Action",
                    "lambda:InvokeFunction",
                    "Principal",
                    "apigateway.amazonaws.com",
                    "SourceArn",
                    "arn:aws:execute-api:us-east-1:000000000000:"
                        + template.ref("Api")
                        + "/$default/"
                        + (route.isDefault() ? "$default" : route.method() + path(route))))
            .collect(toSet());

    assertThat(template.resourcesOf("AWS::Lambda::Permission"))
        .extracting(Resource::properties)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static String alias(String function) {
    return TEMPLATE.attribute(function, "Arn") + ":live";
  }

  /** Replaces path variables with {@code *}. */
  private static String path(Route route) {
    return route.path().replaceAll("\\{\\w+\\+?}", "*");
  }

  // ---- access

  @Test
  void anApiIsOpenOnlyIfSomebodySaysSo() {
    assertThatThrownBy(() -> Template.read(ProjectTemplate.FILE))
        .isInstanceOf(TemplateException.class)
        .hasMessage("The parameter Access has no default and was given no value.");
    assertThat(accepts(Map.of("Access", "everybody"))).isFalse();
    assertThat(TEMPLATE.routes()).allSatisfy(route -> assertThat(route.access()).isEmpty());
    assertThat(TEMPLATE.resourcesOf("AWS::ApiGatewayV2::Authorizer")).isEmpty();
  }

  @Test
  void withTokensEveryRouteNeedsOneButTheContractsPagesAndPreflights() {
    Template template = ProjectTemplate.read(withTokens());

    assertThat(template.routes())
        .filteredOn(route -> route.access().isEmpty())
        .extracting(Route::key)
        .containsExactlyInAnyOrder(
            "GET /openapi.json",
            "GET /docs",
            "GET /docs/{file}",
            "GET /problems/{type}",
            "OPTIONS /{proxy+}");
    assertThat(template.routes())
        .flatExtracting(route -> route.access().stream().toList())
        .allSatisfy(access -> {
          assertThat(access.issuer()).hasToString("https://issuer.example.com/one");
          assertThat(access.audiences()).containsExactly("api", "other");
        });
  }

  @Test
  void scopesHaveThePrefixOfTheirResourceServer() {
    Map<String, String> parameters = withTokens();
    List<String> plain = scopes(ProjectTemplate.read(parameters));
    parameters.put("ScopePrefix", "https://api.example.com/");

    assertThat(plain).contains("items:read", "items:write", "notifications:write", "data:read");
    assertThat(scopes(ProjectTemplate.read(parameters)))
        .containsExactlyElementsOf(
            plain.stream().map(scope -> "https://api.example.com/" + scope).toList());
  }

  /** A route's scope has at most 64 characters ("Routes", API Gateway Version 2 API Reference). */
  @Test
  void thePrefixLeavesRoomForTheLongestScope() {
    Map<String, String> parameters = withTokens();
    parameters.put("ScopePrefix", "x".repeat(44));
    assertThat(scopes(ProjectTemplate.read(parameters)))
        .anyMatch(scope -> scope.length() == 64)
        .allMatch(scope -> scope.length() <= 64);
    parameters.put("ScopePrefix", "x".repeat(45));
    assertThatThrownBy(() -> ProjectTemplate.read(parameters))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("ScopePrefix");
  }

  private static List<String> scopes(Template template) {
    return template.routes().stream()
        .flatMap(route -> route.access().stream())
        .flatMap(access -> access.scopes().stream())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"JwtIssuer", "JwtAudience"})
  void tokensNeedAnIssuerAndAnAudience(String parameter) {
    Map<String, String> parameters = withTokens();
    parameters.put(parameter, "");

    assertThat(accepts(withTokens())).isTrue();
    assertThat(accepts(parameters)).isFalse();
  }

  private static Map<String, String> withTokens() {
    return new HashMap<>(
        Map.of(
            "Access",
            "jwt",
            "JwtIssuer",
            "https://issuer.example.com/one",
            "JwtAudience",
            "api,other",
            "CorsAllowedOrigins",
            "*"));
  }

  @Test
  void tracesAreSentWhereThatIsChosenByEachFunctionAndByNothingMore() {
    Template traced = read("Tracing", "Active");
    for (Function function : TEMPLATE.functions()) {
      assertThat(TEMPLATE.resource(function.id()).at("Tracing")).contains("PassThrough");
      assertThat(traced.resource(function.id()).at("Tracing")).contains("Active");
    }
    Resource policy = traced.resource("TracingPolicy");
    assertThat(policy.at("PolicyDocument", "Statement"))
        .contains(
            List.of(
                Map.of(
                    "Effect", "Allow",
                    "Action", List.of("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
                    "Resource", "*")));
    assertThat(list(policy.at("Roles").orElseThrow()))
        .extracting(Object::toString)
        .containsExactlyInAnyOrderElementsOf(
            TEMPLATE.functions().stream().map(f -> TEMPLATE.ref(role(f).id())).toList());
  }

  @Test
  void namesNoAccountAndNoRegion() throws IOException {
    String text = Files.readString(ProjectTemplate.FILE);

    assertThat(found("(?<![0-9])[0-9]{12}(?![0-9])", text)).isEmpty();
    assertThat(found("\\b[a-z]{2}(-[a-z]+)+-[0-9]\\b", text)).isEmpty();
    assertThat(found("arn:aws", text)).isEmpty();
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(hit -> hit.group()).toList();
  }

  // ---- functions

  @ParameterizedTest
  @MethodSource("functions")
  void aFunctionRunsWhatWasBuiltForIt(String id) {
    Function function = TEMPLATE.function(id);
    Resource resource = TEMPLATE.resource(function.id());

    assertThat(resource.at("Runtime")).contains("java25");
    assertThat(read("Runtime", "provided.al2023").resource(function.id()).at("Runtime"))
        .contains(id.equals("GetDocs") ? "java25" : "provided.al2023");
    assertThat(resource.at("CodeUri"))
        .contains("functions/target/" + (id.equals("GetDocs") ? "docs.zip" : "functions.zip"));
    assertThat(resource.at("Architectures")).contains(List.of("x86_64"));
    assertThat(read("Architecture", "arm64").resource(function.id()).at("Architectures"))
        .contains(List.of("arm64"));
    assertThat(read("MemorySize", "2048").function(function.id()).memoryMegabytes())
        .isEqualTo(2_048);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void aFunctionStartsFromASnapshotWhereItIsToldTo(String id) {
    assertThat(TEMPLATE.resource(id).at("SnapStart"))
        .contains(Map.of("ApplyOn", "PublishedVersions"));
    List<Template> without = new ArrayList<>(List.of(read("SnapStart", "false")));
    if (!id.equals("GetDocs")) { // It runs on java25 in any case.
      without.add(read("Runtime", "provided.al2023"));
    }
    for (Template template : without) {
      assertThat(template.resource(id).at("SnapStart")).contains(Map.of("ApplyOn", "None"));
      assertThat(template.resources()).doesNotContainKey(id + "WarmUp");
    }
    // Otherwise the alias would keep pointing to the old version after a change of properties.
    assertThat(TEMPLATE.resource(id).at("AutoPublishAlias")).contains("live");
    assertThat(TEMPLATE.resource(id).at("AutoPublishAliasAllProperties")).contains(true);
  }

  /** The schedule of the relay does the same. */
  @Test
  void everySnapshotIsRestoredLongBeforeItBecomesInactive() {
    Set<String> scheduled =
        TEMPLATE.schedules().stream().map(Schedule::functionId).collect(toSet());
    List<String> aliases =
        functions().stream()
            .filter(function -> !scheduled.contains(function))
            .map(TemplateTest::alias)
            .toList();

    assertThat(TEMPLATE.resourcesOf("AWS::Scheduler::Schedule"))
        .extracting(schedule -> schedule.at("Target", "Arn").orElseThrow().toString())
        .containsExactlyElementsOf(aliases);
    assertThat(TEMPLATE.resourcesOf("AWS::Scheduler::Schedule"))
        .allSatisfy(schedule -> {
          assertThat(schedule.at("ScheduleExpression")).contains("rate(4 days)");
          assertThat(schedule.at("Target", "RoleArn"))
              .contains(TEMPLATE.attribute("WarmUpRole", "Arn"));
        });
    assertThat(TEMPLATE.resource("WarmUpRole").at("Policies", 0, "PolicyDocument", "Statement"))
        .contains(
            List.of(
                Map.of("Effect", "Allow", "Action", "lambda:InvokeFunction", "Resource", aliases)));
  }

  /**
   * SAM makes a new version when the text of a function's properties changes. It ignores the values
   * of parameters. CloudFormation replaces a version when its description changes, and fails if the
   * function itself did not change.
   */
  @ParameterizedTest
  @MethodSource("functions")
  void aChangedParameterMakesAVersionOfEachFunctionThatItChanges(String id) {
    CHANGED.forEach((parameter, template) ->
        assertThat(template.resource(id).at("VersionDescription"))
            .as(parameter)
            .isPresent()
            .matches(description ->
                description.equals(TEMPLATE.resource(id).at("VersionDescription"))
                    == asDeployed(template.resource(id))
                        .equals(asDeployed(TEMPLATE.resource(id)))));
  }

  /**
   * CloudFormation fails when it should publish a version of a function that did not change. With
   * the same text in its environment, a function changes whenever its description does.
   */
  @ParameterizedTest
  @MethodSource("functions")
  void aVersionsDescriptionBeginsWithTheReleaseAndIsInTheEnvironment(String id) {
    String release = "r".repeat(40);
    Map<String, String> parameters =
        new HashMap<>(
            Map.of(
                "Release", release,
                "Runtime", "provided.al2023",
                "MemorySize", "10240",
                "SnapStart", "false",
                "SystemLogLevel", "DEBUG",
                "MaxAttempts", "10",
                "DoneRetentionDays", "9999",
                "ImportRetentionDays", "9999",
                "Tables", "existing"));
    tablesWithParameters().forEach(table -> parameters.put(table + "Table", "t".repeat(22)));
    Template longest = ProjectTemplate.read(parameters);
    String description =
        longest.resource(id).at("VersionDescription").map(Object::toString).orElseThrow();

    assertThat(description)
        .startsWith(release + " ")
        .hasSizeLessThanOrEqualTo(256) // Lambda's limit
        .isEqualTo(longest.function(id).environment().get("RELEASE"));
    assertThat(accepts(Map.of("Release", release + "r"))).isFalse();
    assertThat(accepts(Map.of("Release", "two words"))).isFalse();
    parameters.put("ItemsTable", "t".repeat(23));
    assertThat(accepts(parameters)).isFalse();
  }

  /** Versions that CloudFormation replaces or no longer knows are what a rollback goes back to. */
  @ParameterizedTest
  @MethodSource("functions")
  void replacedVersionsAreKept(String id) {
    assertThat(TEMPLATE.resource(id).attributes()).containsEntry("UpdateReplacePolicy", "Retain");
  }

  @Test
  void eachParameterThatCanChangeIsAmongThose() {
    assertThat(TEMPLATE.parameters().keySet())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    CHANGED.keySet(),
                    Set.of("Access"), // only affects routes, needs two others
                    DOMAIN.keySet(), // go together
                    Set.of("DisableExecuteApiEndpoint"), // needs those
                    Set.of("Emulator", "DynamoDbEndpointUrl", "SqsEndpointUrl")) // for emulators
                .flatMap(Set::stream)
                .toList());
  }

  private static Map<String, Object> asDeployed(Resource function) {
    Map<String, Object> properties = new HashMap<>(function.properties());
    // None of these belongs to a version.
    properties
        .keySet()
        .removeAll(
            Set.of(
                "VersionDescription",
                "DeploymentPreference",
                "Events",
                "ReservedConcurrentExecutions"));
    return properties;
  }

  /** Nobody calls a function past its alias, except {@code sam local}. */
  @Test
  void routesGoToTheAliases() {
    assertThat(integrations(TEMPLATE)).isNotEmpty().allMatch(uri -> uri.endsWith(":live"));
    assertThat(integrations(read("Emulator", "sam-local"))).noneMatch(uri -> uri.endsWith(":live"));
  }

  private static List<String> integrations(Template template) {
    return template.resourcesOf("AWS::ApiGatewayV2::Integration").stream()
        .map(integration -> integration.at("IntegrationUri").orElseThrow().toString())
        .toList();
  }

  static List<String> tried() {
    return functions().stream().filter(id -> !id.equals("RelayOutbox")).toList();
  }

  @ParameterizedTest
  @MethodSource("tried")
  void aNewVersionIsTriedFirstWhereItIsToldTo(String id) {
    Template template = read("Canary", "true");

    assertThat(TEMPLATE.resource(id).at("DeploymentPreference", "Enabled")).contains("false");
    assertThat(template.resource(id).at("DeploymentPreference"))
        .contains(
            Map.of(
                "Enabled",
                "true",
                "Type",
                "Canary10Percent5Minutes",
                "Role",
                template.attribute("DeploymentRole", "Arn"),
                "Alarms",
                List.of(template.ref(id + "CanaryAlarm"))));
    Resource alarm = template.resource(id + "CanaryAlarm");
    String version = "1";
    assertThat(alarm.at("Metrics", 1, "MetricStat", "Metric", "Dimensions"))
        .contains(
            List.of(
                Map.of("Name", "FunctionName", "Value", template.ref(id)),
                Map.of("Name", "Resource", "Value", template.ref(id) + ":live"),
                Map.of("Name", "ExecutedVersion", "Value", version)));
    assertThat(alarm.at("Metrics", 2, "MetricStat", "Metric"))
        .contains(
            Map.of(
                "Namespace",
                TEMPLATE.function(id).environment().get(Log.NAMESPACE),
                "MetricName",
                Metric.SERVER_ERRORS.text(),
                "Dimensions",
                List.of(
                    Map.of("Name", "function", "Value", id),
                    Map.of("Name", "version", "Value", version))));
    assertThat(alarm.at("Metrics", 0))
        .contains(Map.of("Id", "failures", "Expression", "FILL(crashes, 0) + FILL(handled, 0)"));
    assertThat(fires(alarm, 1)).isTrue();
    assertThat(number(alarm, "DatapointsToAlarm")).isEqualTo(1);
    assertThat(number(alarm, "EvaluationPeriods")).as("some metrics come late").isEqualTo(3);
  }

  /** It is called once a minute, so five minutes would show little. */
  @Test
  void theRelayIsReplacedAtOnce() {
    assertThat(read("Canary", "true").resource("RelayOutbox").at("DeploymentPreference", "Type"))
        .contains("AllAtOnce");
  }

  /** Returns the functions that no request invokes: the consumers and the scheduled ones. */
  private static Stream<String> inBackground() {
    return Stream.concat(
        TEMPLATE.mappings().stream().map(Mapping::functionId),
        TEMPLATE.schedules().stream().map(Schedule::functionId));
  }

  @Test
  void whatMovesTheAliasesMayDoNothingElse() {
    Template template = read("Canary", "true");

    assertThat(TEMPLATE.resources()).doesNotContainKey("DeploymentRole");
    assertThat(template.resource("DeploymentRole").at("Policies", 0, "PolicyDocument", "Statement"))
        .contains(
            List.of(
                Map.of(
                    "Effect",
                    "Allow",
                    "Action",
                    List.of(
                        "lambda:GetAlias",
                        "lambda:UpdateAlias",
                        "lambda:GetProvisionedConcurrencyConfig"),
                    "Resource",
                    template.functions().stream()
                        .map(function -> template.attribute(function.id(), "Arn") + "*")
                        .toList()),
                Map.of(
                    "Effect",
                    "Allow",
                    "Action",
                    List.of("cloudwatch:DescribeAlarms"),
                    "Resource",
                    "arn:aws:cloudwatch:us-east-1:000000000000:alarm:*")));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void aFunctionLogsAsJsonIntoAGroupOfItsOwn(String id) {
    Function function = TEMPLATE.function(id);
    assertThat(TEMPLATE.resource(function.id()).at("LoggingConfig"))
        .contains(
            Map.of(
                "LogFormat",
                "JSON",
                "SystemLogLevel",
                "INFO",
                "LogGroup",
                TEMPLATE.ref(logGroup(function).id())));
    assertThat(logGroup(function).type()).isEqualTo("AWS::Logs::LogGroup");
    assertThat(logGroup(function).id()).isEqualTo(function.id() + "Log");
  }

  @Test
  void logsEndAfterTheChosenTime() {
    assertThat(read("LogRetentionDays", "60").resourcesOf("AWS::Logs::LogGroup"))
        .isNotEmpty()
        .allSatisfy(group -> assertThat(group.at("RetentionInDays")).contains("60"));
  }

  @Test
  void aFunctionBehindTheApiEndsBeforeTheApiGivesUp() {
    assertThat(TEMPLATE.routes())
        .isNotEmpty()
        .allSatisfy(route -> {
          Duration timeout = TEMPLATE.function(route.functionId()).timeout();
          assertThat(timeout).isLessThan(Duration.ofSeconds(30)).isLessThan(route.timeout());
        });
  }

  // ---- queues

  @Test
  void aConsumerTakesBatchesAndAnswersForEachMessage() {
    assertThat(TEMPLATE.mappings())
        .isNotEmpty()
        .allSatisfy(mapping -> {
          assertThat(mapping.enabled()).isTrue();
          assertThat(mapping.reportsItemFailures()).isTrue();
          assertThat(mapping.window()).isZero();
          // SQS delivers more than 10 only after a window.
          assertThat(mapping.batchSize()).isBetween(1, 10);
          assertThat(mapping.maximumConcurrency()).isLessThan(33);
        });
  }

  /** An import must not throttle {@code POST /items}. */
  @Test
  void fewChunksOfImportsAreProcessedAtOnce() {
    Mapping imports = mapping(TEMPLATE, "ImportItems");
    assertThat(imports.batchSize()).isEqualTo(1);
    assertThat(imports.maximumConcurrency()).isEqualTo(2);
  }

  @Test
  void aConsumersConcurrencyIsAParameter() {
    Template notifications = read("ConsumerMaximumConcurrency", "33");
    assertThat(mapping(notifications, "LogNotifications").maximumConcurrency()).isEqualTo(33);
    Template imports = read("ImportMaximumConcurrency", "33");
    assertThat(mapping(imports, "ImportItems").maximumConcurrency()).isEqualTo(33);
  }

  /** A new account may run ten functions at once. */
  @Test
  void theBackgroundLeavesHalfOfANewAccountToTheApi() {
    int consumers = TEMPLATE.mappings().stream().mapToInt(Mapping::maximumConcurrency).sum();
    assertThat(consumers + TEMPLATE.schedules().size()).isLessThanOrEqualTo(5);
  }

  @Test
  void aConsumersConcurrencyIsReservedOnRequest() {
    Template reserved =
        ProjectTemplate.read(
            Map.of(
                "ReservedConcurrency", "true",
                "ConsumerMaximumConcurrency", "33",
                "ImportMaximumConcurrency", "7"));
    Map<String, Object> concurrency = new HashMap<>();
    for (Function function : reserved.functions()) {
      assertThat(TEMPLATE.resource(function.id()).properties())
          .as("off by default")
          .doesNotContainKey("ReservedConcurrentExecutions");
      reserved
          .resource(function.id())
          .at("ReservedConcurrentExecutions")
          .ifPresent(value -> concurrency.put(function.id(), value));
    }
    assertThat(concurrency)
        .isEqualTo(
            reserved.mappings().stream()
                .collect(
                    toMap(
                        Mapping::functionId,
                        mapping -> String.valueOf(mapping.maximumConcurrency()))));
  }

  private static Mapping mapping(Template template, String function) {
    return template.mappings().stream()
        .filter(mapping -> mapping.functionId().equals(function))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aMessageStaysHiddenWhileItIsWorkedOn() {
    for (Mapping mapping : TEMPLATE.mappings()) {
      Duration timeout = TEMPLATE.function(mapping.functionId()).timeout();
      assertThat(TEMPLATE.queue(mapping.queueId()).visibilityTimeout())
          .isGreaterThanOrEqualTo(timeout.multipliedBy(6).plus(mapping.window()));
    }
  }

  @Test
  void queueAndFunctionsAgreeOnTheLifeOfAMessage() {
    for (Queue queue : sources(TEMPLATE)) {
      String count = String.valueOf(redrive(queue).maxReceiveCount());
      String visibility = String.valueOf(queue.visibilityTimeout().toSeconds());
      assertThat(TEMPLATE.functions())
          .filteredOn(function -> function.environment().containsValue(queue.url()))
          .filteredOn(function -> function.environment().containsKey("MAX_RECEIVE_COUNT"))
          .allSatisfy(function ->
              assertThat(function.environment())
                  .containsEntry("MAX_RECEIVE_COUNT", count)
                  .containsEntry("VISIBILITY_TIMEOUT_SECONDS", visibility))
          .extracting(Function::id)
          .as("the sender, the consumer and the relay know the URL of %s", queue.id())
          .hasSizeGreaterThanOrEqualTo(3);
    }
  }

  /** Returns the queues that have a consumer. */
  private static List<Queue> sources(Template template) {
    return template.mappings().stream().map(mapping -> template.queue(mapping.queueId())).toList();
  }

  private static Redrive redrive(Queue queue) {
    assertThat(queue.redrive()).as("dead-letter queue of " + queue.id()).isNotNull();
    return Objects.requireNonNull(queue.redrive());
  }

  /** A throttled delivery counts, and comes back after the visibility timeout. */
  @Test
  void anHourOfThrottlingLeavesEnoughDeliveriesForTheMostAttempts() {
    assertThat(read("MaxAttempts", "10").parameters()).containsEntry("MaxAttempts", "10");
    assertThatThrownBy(() -> read("MaxAttempts", "11")).isInstanceOf(TemplateException.class);
    for (Queue queue : sources(TEMPLATE)) {
      long throttled = Duration.ofHours(1).dividedBy(queue.visibilityTimeout());
      assertThat(redrive(queue).maxReceiveCount()).isGreaterThanOrEqualTo((int) throttled + 10);
    }
  }

  @Test
  void deadLettersAreKeptLongerThanTheirSource() {
    for (Queue queue : sources(TEMPLATE)) {
      Queue deadLetters = TEMPLATE.queue(redrive(queue).queueId());

      assertThat(deadLetters.retention()).isGreaterThan(queue.retention());
      assertThat(deadLetters.redrive()).isNull();
    }
  }

  /** Otherwise a late message would seem to name an unknown id. */
  @Test
  void aLoggedRowOutlivesItsMessageReplayedAtTheLast() {
    List<Duration> chosen =
        IntStream.rangeClosed(1, 31)
            .filter(days -> accepts(Map.of("DoneRetentionDays", Integer.toString(days))))
            .mapToObj(Duration::ofDays)
            .toList();
    assertThat(chosen).isNotEmpty();
    for (Queue queue : sources(TEMPLATE)) {
      Duration queued = queue.retention();
      Duration message =
          queued.plus(TEMPLATE.queue(redrive(queue).queueId()).retention()).plus(queued);

      assertThat(chosen).allSatisfy(kept -> assertThat(kept).isGreaterThan(message));
    }
  }

  @Test
  void queuesAreKeptAndEncrypted() {
    assertThat(TEMPLATE.resourcesOf("AWS::SQS::Queue"))
        .extracting(Resource::id)
        .containsExactlyInAnyOrderElementsOf(
            sources(TEMPLATE).stream()
                .flatMap(queue -> Stream.of(queue.id(), redrive(queue).queueId()))
                .toList());
    assertThat(TEMPLATE.resourcesOf("AWS::SQS::Queue"))
        .allSatisfy(queue -> {
          assertThat(queue.at("SqsManagedSseEnabled")).contains(true);
          // With a fixed name, a new stack would collide with the kept queue of an old stack.
          assertThat(queue.properties()).doesNotContainKey("QueueName");
          isKept(queue);
        });
  }

  // ---- tables

  @ParameterizedTest
  @MethodSource("tables")
  void aTableHasTheKeyAndTheIndexesThatAreReadAndWritten(String id) {
    Table table = TEMPLATE.table(id);
    boolean ofRecords = id.equals("Idempotency");

    assertThat(table.key()).containsExactly(ofRecords ? new KeyPart("key", "HASH", "S") : ID);
    // CrashPointsIT and PermissionsIT read and write each index.
    assertThat(table.globalIndexes())
        .isSubsetOf(id.equals("Notifications") ? TIMELINE_OF_TASKS : TIMELINE, OUTBOX);
    assertThat(table.localIndexes()).isEmpty();
    assertThat(table.ttlAttribute())
        .isEqualTo(ofRecords || table.globalIndexes().contains(OUTBOX) ? "expiresAt" : null);
  }

  @ParameterizedTest
  @MethodSource("tables")
  void aTableIsKeptEncryptedAndRecoverable(String id) {
    Resource table = TEMPLATE.resource(id);
    assertThat(table.at("BillingMode")).contains("PAY_PER_REQUEST");
    assertThat(table.at("SSESpecification")).as("the key of DynamoDB itself").isEmpty();
    assertThat(table.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"))
        .contains(true);
    isKept(table);
  }

  @ParameterizedTest
  @MethodSource("tables")
  void aTableIsCalledAfterTheStack(String id) {
    assertThat(TEMPLATE.ref(id)).isEqualTo(Surroundings.DEFAULT.stackName() + "-" + id);
  }

  /** All else stays: variables, permissions, alarms, the dashboard, outputs. */
  @Test
  void existingTablesAreOnlyLeftOut() {
    Template template = read("Tables", "existing");

    Map<String, Map<String, Object>> expected = properties(TEMPLATE);
    assertThat(tables()).hasSizeGreaterThan(3).allSatisfy(id -> expected.remove(id));
    assertThat(properties(template)).isEqualTo(expected);
    assertThat(template.outputs()).isEqualTo(TEMPLATE.outputs());
  }

  @ParameterizedTest
  @MethodSource("tablesWithParameters")
  void anotherTableIsUsedEverywhere(String id) {
    String name = TEMPLATE.ref(id);
    String used = texts(TEMPLATE);
    assertThat(used.split("\\b" + name + "\\b", -1)).hasSizeGreaterThan(9);

    Template template = withExistingTable(id + "Table", "restored");

    assertThat(texts(template)).isEqualTo(used.replaceAll("\\b" + name + "\\b", "local-restored"));
  }

  /** CloudFormation would replace a table that has another name by an empty one. */
  @ParameterizedTest
  @MethodSource("tablesWithParameters")
  void theStackCreatesNoTableOfAnotherName(String id) {
    assertThatThrownBy(() -> read(id + "Table", "restored"))
        .hasMessageEndingWith("Another %1$sTable than %1$s needs Tables=existing.", id);
  }

  @Test
  void theRelaysFirstTickFindsItsTables() {
    Resource relay = TEMPLATE.resource("RelayOutbox");
    Map<?, ?> metadata = (Map<?, ?>) Objects.requireNonNull(relay.attributes().get("Metadata"));

    assertThat(list(metadata.get("StartsAfter")))
        .extracting(Object::toString)
        .containsExactlyInAnyOrderElementsOf(
            TEMPLATE.function(relay.id()).environment().entrySet().stream()
                .filter(variable -> variable.getKey().endsWith("_TABLE"))
                .map(Map.Entry::getValue)
                .toList());
  }

  private static Template withExistingTable(String parameter, String name) {
    return ProjectTemplate.read(Map.of("Tables", "existing", parameter, name));
  }

  private static Map<String, Map<String, Object>> properties(Template template) {
    Map<String, Map<String, Object>> properties = new TreeMap<>();
    template.resources().forEach((id, resource) -> properties.put(id, resource.properties()));
    return properties;
  }

  /** Returns all that depends on the tables' names, but the names in descriptions of versions. */
  private static String texts(Template template) {
    Map<String, Map<String, Object>> properties = properties(template);
    tables().forEach(properties::remove);
    return (properties + "\n" + template.outputs())
        .replaceAll("shards ./. [^,}]* tables [^,}]*", "");
  }

  @ParameterizedTest
  @MethodSource("tables")
  void aTableIsProtectedWhereTheOperatorSaysSo(String id) {
    Resource table = TEMPLATE.resource(id);
    assertThat(table.at("DeletionProtectionEnabled")).contains("false");
    assertThat(
            read("DeletionProtection", "true").resource(table.id()).at("DeletionProtectionEnabled"))
        .contains("true");
  }

  private static void isKept(Resource resource) {
    assertThat(resource.attributes())
        // A first deployment that fails leaves nothing behind.
        .containsEntry("DeletionPolicy", "RetainExceptOnCreate")
        .containsEntry("UpdateReplacePolicy", "Retain");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, true", "2, 1, true", "2, 2, true", "4, 1, true", "4, 2, true", "4, 4, true",
    "8, 1, true", "8, 2, true", "8, 4, true", "8, 8, true", "1, 2, false", "1, 4, false",
    "1, 8, false", "2, 4, false", "2, 8, false", "4, 8, false"
  })
  void shardsThatAreWrittenAreRead(String read, String write, boolean allowed) {
    assertThat(accepts(Map.of("ReadShards", read, "WriteShards", write))).isEqualTo(allowed);
  }

  // ---- schedule

  @Test
  void theRelayRunsEveryMinuteAndATickIsNeverRetried() {
    assertThat(TEMPLATE.schedules()).hasSize(1);
    Schedule schedule = TEMPLATE.schedules().getFirst();
    Resource relay = TEMPLATE.resource("RelayOutbox");

    assertThat(schedule.functionId()).isEqualTo(relay.id());
    assertThat(schedule.rate()).isEqualTo(Duration.ofMinutes(1));
    assertThat(schedule.enabled()).isTrue();
    assertThat(schedule.input()).isNull();
    assertThat(
            relay.at("Events", schedule.id(), "Properties", "RetryPolicy", "MaximumRetryAttempts"))
        .contains(0);
    assertThat(relay.at("EventInvokeConfig", "MaximumRetryAttempts")).contains(0);
    assertThat(TEMPLATE.function(relay.id()).timeout()).isLessThan(schedule.rate());
  }

  // ---- API

  @Test
  void theApiHasOneStageWhoseNameIsInNoPath() {
    assertThat(TEMPLATE.resourcesOf("AWS::ApiGatewayV2::Api")).hasSize(1);
    assertThat(TEMPLATE.resource("Api").at("ProtocolType")).contains("HTTP");
    assertThat(TEMPLATE.resourcesOf("AWS::ApiGatewayV2::Stage")).hasSize(1);
    assertThat(stage(TEMPLATE).at("StageName")).contains("$default");
    assertThat(stage(TEMPLATE).at("AutoDeploy")).contains(true);
    assertThat(TEMPLATE.resources().values())
        .filteredOn(resource -> resource.type().matches("AWS::ApiGatewayV2::(?!Api).*"))
        .allSatisfy(part -> assertThat(part.at("ApiId")).contains(TEMPLATE.ref("Api")));
  }

  @Test
  void theStageNamesTheAccessAndTheBasePathIfThereIsOne() {
    assertThat(TEMPLATE.stageVariables()).containsExactly(entry("access", "open"));
    for (String path : List.of("/v1", "/shop/v1.0")) {
      assertThat(read("BasePath", path).stageVariables())
          .containsOnly(entry("access", "open"), entry("basePath", path));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "/", "/v1/", "//v1", "/v 1", "/v1?", "https://example.com/v1"})
  void aBasePathIsAPath(String path) {
    assertThat(accepts(Map.of("BasePath", path))).isFalse();
  }

  @Test
  void aDomainAndItsCertificateGoTogether() {
    DOMAIN
        .keySet()
        .forEach(one -> {
          Map<String, String> without = new HashMap<>(DOMAIN);
          without.remove(one);
          assertThat(accepts(without)).isFalse();
        });
    Map<String, String> alone = Map.of("DisableExecuteApiEndpoint", "true");
    assertThat(accepts(alone)).isFalse();
    Map<String, String> both = new HashMap<>(DOMAIN);
    both.putAll(alone);
    assertThat(ProjectTemplate.read(both).resource("Api").at("DisableExecuteApiEndpoint"))
        .contains("true");
  }

  @ParameterizedTest
  @CsvSource({"'',", "/v1,v1", "/shop/v1.0,shop/v1.0"})
  void theDomainLeadsToTheApiUnderTheBasePath(String path, @Nullable String key) {
    Map<String, String> parameters = new HashMap<>(DOMAIN);
    parameters.put("BasePath", path);
    Template template = ProjectTemplate.read(parameters);

    assertThat(TEMPLATE.resources()).doesNotContainKeys("Domain", "DomainMapping");
    assertThat(template.resource("DomainMapping").at("ApiMappingKey"))
        .isEqualTo(Optional.ofNullable(key));
    assertThat(template.outputs()).containsEntry("ApiUrl", "https://api.example.com" + path);
    assertThat(template.outputs()).containsKeys("DomainNameTarget", "DomainNameTargetHostedZone");
  }

  @Test
  void theStageIsThrottled() {
    Template template = ProjectTemplate.read(Map.of("ThrottleRate", "123", "ThrottleBurst", "456"));

    assertThat(stage(template).at("DefaultRouteSettings"))
        .contains(Map.of("ThrottlingRateLimit", "123", "ThrottlingBurstLimit", "456"));
  }

  @Test
  void theStageLogsEachAccessButNothingOfPeople() {
    assertThat(stage(TEMPLATE).at("AccessLogSettings", "DestinationArn"))
        .contains(TEMPLATE.attribute("AccessLog", "Arn"));
    JsonNode format =
        Api.JSON.readTree(
            stage(TEMPLATE).at("AccessLogSettings", "Format").orElseThrow().toString());

    Map<String, String> fields =
        format.properties().stream()
            .collect(toMap(Map.Entry::getKey, field -> field.getValue().asString()));
    assertThat(fields)
        .containsEntry("requestId", "$context.requestId")
        .containsEntry("routeKey", "$context.routeKey")
        .containsEntry("status", "$context.status");
    assertThat(fields.values())
        .allMatch(value -> value.startsWith("$context."))
        .noneMatch(value -> value.matches(".*(identity|path|authorizer|domain).*"));
  }

  private static Resource stage(Template template) {
    return template.resourcesOf("AWS::ApiGatewayV2::Stage").getFirst();
  }

  // ---- alarms

  @Test
  void thereIsAnAlarmForEachThingThatAnOperatorIsPagedFor() {
    List<String> paged = new ArrayList<>();
    String api = " ApiId=" + TEMPLATE.ref("Api");
    paged.add(
        "100 * errors / requests of AWS/ApiGateway 5xx" + api + " AWS/ApiGateway Count" + api);
    paged.add("AWS/ApiGateway Latency" + api);
    paged.add(
        "100 * used / SERVICE_QUOTA(used) of AWS/Usage ResourceCount Service=Lambda Type=Resource"
            + " Resource=ConcurrentExecutions Class=None");
    for (Queue queue : sources(TEMPLATE)) {
      paged.add("AWS/SQS ApproximateAgeOfOldestMessage QueueName=" + queue.name());
      paged.add(
          "AWS/SQS ApproximateNumberOfMessagesVisible QueueName="
              + TEMPLATE.queue(redrive(queue).queueId()).name());
    }
    inBackground()
        .map(TEMPLATE::ref)
        .forEach(function -> {
          paged.add("AWS/Lambda Errors FunctionName=" + function);
          paged.add("AWS/Lambda Throttles FunctionName=" + function);
        });
    for (Schedule schedule : TEMPLATE.schedules()) {
      paged.add("AWS/Lambda Invocations FunctionName=" + TEMPLATE.ref(schedule.functionId()));
      String stack = TEMPLATE.function(schedule.functionId()).environment().get(Log.NAMESPACE);
      paged.add(stack + " " + Metric.OLDEST_DUE.text() + " function=" + schedule.functionId());
    }

    assertThat(TEMPLATE.resourcesOf("AWS::CloudWatch::Alarm"))
        .filteredOn(alarm -> !isOfThrottling(alarm))
        .extracting(TemplateTest::measured)
        .containsExactlyInAnyOrderElementsOf(paged);
  }

  /** An alarm takes ten metrics, so the tables and the indexes may be spread over any number. */
  @Test
  void alarmsWatchTheThrottlingOfEachTableAndIndex() {
    Stream<String> stores =
        TEMPLATE.tables().stream()
            .flatMap(table ->
                Stream.concat(
                    Stream.of("TableName=" + table.name()),
                    table.globalIndexes().stream()
                        .map(index ->
                            ("TableName=" + table.name())
                                + (" GlobalSecondaryIndexName=" + index.name()))));
    List<String> watched = new ArrayList<>();
    for (Resource alarm : TEMPLATE.resourcesOf("AWS::CloudWatch::Alarm")) {
      if (isOfThrottling(alarm)) {
        List<String> metrics = metrics(alarm).toList();
        assertThat(metrics).as(alarm.id()).hasSizeLessThanOrEqualTo(10);
        watched.addAll(metrics);
      }
    }

    assertThat(watched)
        .containsExactlyInAnyOrderElementsOf(
            stores
                .flatMap(store ->
                    Stream.of("Read", "Write")
                        .map(kind -> "AWS/DynamoDB " + kind + "ThrottleEvents " + store))
                .toList());
  }

  private static boolean isOfThrottling(Resource alarm) {
    return alarm.at("Metrics", 0, "Expression").filter("SUM(METRICS())"::equals).isPresent();
  }

  @ParameterizedTest
  @MethodSource("alarms")
  void anAlarmFiresWhenItShould(String id) {
    Resource alarm = TEMPLATE.resource(id);
    String metric = alarm.at("MetricName").map(Object::toString).orElse("of several");
    String missing = alarm.at("TreatMissingData").orElseThrow().toString();
    int periods = number(alarm, "EvaluationPeriods");
    switch (metric) {
      case "of several", "Latency" -> {
        int threshold = number(alarm, "Threshold");
        assertThat(fires(alarm, threshold)).isFalse();
        assertThat(fires(alarm, threshold + 1)).isTrue();
        assertThat(missing).isEqualTo("notBreaching");
        assertThat(number(alarm, "DatapointsToAlarm")).isEqualTo(3);
        assertThat(periods).isEqualTo(5);
      }
      case "Invocations" -> {
        assertThat(fires(alarm, 0)).isTrue();
        assertThat(fires(alarm, 1)).isFalse();
        assertThat(alarm.at("Statistic")).contains("Sum");
        // A function that does not run reports nothing, and neither does that of a new stack.
        assertThat(missing).isEqualTo("missing");
        assertThat(
                read("AlarmTopicArn", "arn:aws:sns:eu-west-1:123456789012:pager")
                    .resource(id)
                    .at("InsufficientDataActions", 0))
            .isPresent();
        assertThat(number(alarm, "Period") * periods).isEqualTo(300);
        assertThat(alarm.at("DatapointsToAlarm").map(Object::toString).orElse("" + periods))
            .isEqualTo("" + periods);
      }
      case "oldestDueMs" -> {
        // The relay waits for a message's longest life, and sends a lost one then.
        Map<String, String> relay = TEMPLATE.function("RelayOutbox").environment();
        int life =
            1_000
                * Integer.parseInt(relay.get("VISIBILITY_TIMEOUT_SECONDS"))
                * Integer.parseInt(relay.get("MAX_RECEIVE_COUNT"));
        assertThat(fires(alarm, life + 600_000)).isFalse();
        assertThat(fires(alarm, 2 * life)).isTrue();
        assertThat(alarm.at("Statistic")).contains("Maximum");
        assertThat(missing).isEqualTo("notBreaching");
      }
      case "ApproximateAgeOfOldestMessage" -> {
        assertThat(fires(alarm, 30)).isFalse();
        assertThat(fires(alarm, 600)).isTrue();
        assertThat(alarm.at("Statistic")).contains("Maximum");
        assertThat(missing).isEqualTo("notBreaching");
      }
      default -> {
        assertThat(fires(alarm, 0)).isFalse();
        assertThat(fires(alarm, 1)).isTrue();
        assertThat(alarm.at("Statistic"))
            .contains(metric.startsWith("Approximate") ? "Maximum" : "Sum");
        // SQS reports nothing for an idle queue, although unfinished messages may remain.
        assertThat(missing).isEqualTo(metric.startsWith("Approximate") ? "ignore" : "notBreaching");
      }
    }
  }

  private static boolean fires(Resource alarm, int value) {
    int threshold = number(alarm, "Threshold");
    String operator = alarm.at("ComparisonOperator").orElseThrow().toString();
    return switch (operator) {
      case "GreaterThanThreshold" -> value > threshold;
      case "GreaterThanOrEqualToThreshold" -> value >= threshold;
      case "LessThanThreshold" -> value < threshold;
      default -> throw new AssertionError(alarm.id() + ": " + operator);
    };
  }

  @ParameterizedTest
  @MethodSource("alarms")
  void anAlarmReachesTheTopicThatWasChosen(String id) {
    Resource alarm = TEMPLATE.resource(id);
    String topic = "arn:aws:sns:eu-west-1:123456789012:pager";

    assertThat(read("AlarmTopicArn", topic).resource(alarm.id()).properties())
        .containsEntry("AlarmActions", List.of(topic))
        .containsEntry("OKActions", List.of(topic));
    assertThat(alarm.properties())
        .doesNotContainKeys("AlarmActions", "OKActions")
        .doesNotContainEntry("ActionsEnabled", false);
    assertThat(alarm.at("AlarmDescription").orElseThrow().toString()).contains("First ");
  }

  private static String measured(Resource alarm) {
    if (alarm.at("Metrics").isEmpty()) {
      return measured(alarm.properties());
    }
    return alarm.at("Metrics", 0, "Expression").orElseThrow()
        + " of "
        + metrics(alarm).collect(joining(" "));
  }

  /** Returns the metrics of an alarm on an expression. */
  private static Stream<String> metrics(Resource alarm) {
    return IntStream.range(1, list(alarm.at("Metrics").orElseThrow()).size())
        .mapToObj(i -> alarm.at("Metrics", i, "MetricStat", "Metric").orElseThrow())
        .map(metric -> measured((Map<?, ?>) metric));
  }

  private static String measured(Map<?, ?> metric) {
    return metric.get("Namespace")
        + " "
        + metric.get("MetricName")
        + " "
        + list(metric.get("Dimensions")).stream()
            .map(dimension -> (Map<?, ?>) dimension)
            .map(dimension -> dimension.get("Name") + "=" + dimension.get("Value"))
            .collect(joining(" "));
  }

  @Test
  void anEmulatorThatKnowsNoMetricMathGetsNeitherItsAlarmsNorTheDashboard() {
    Template template = read("Emulator", "ministack");
    assertThat(template.resourcesOf("AWS::CloudWatch::Alarm"))
        .hasSizeGreaterThan(9)
        .allSatisfy(alarm -> assertThat(alarm.at("Metrics")).isEmpty());
    assertThat(template.resources()).doesNotContainKey("Dashboard");
  }

  @Test
  void aStartWithoutTheCacheIsReportedWhereThereIsOne() {
    Resource alarm = read("Runtime", "provided.al2023").resource("StartsWithoutCacheAlarm");
    assertThat(alarm.at("MetricName")).contains(Metric.STARTS_WITHOUT_CACHE.text());
    assertThat(alarm.at("Dimensions")).isEmpty();
    assertThat(fires(alarm, 1)).isTrue();
    assertThat(TEMPLATE.resources()).doesNotContainKey(alarm.id());
  }

  // ---- outputs

  @Test
  void tellsWhereItAnswersAndWhatItMade() {
    Map<String, String> expected = new TreeMap<>();
    expected.put("ApiUrl", String.valueOf(TEMPLATE.attribute("Api", "ApiEndpoint")));
    TEMPLATE
        .tables()
        .forEach(table -> expected.put(table.id() + "TableName", TEMPLATE.ref(table.id())));
    for (Queue queue : TEMPLATE.queues()) {
      expected.put(queue.id() + "Url", queue.url());
      expected.put(queue.id() + "Arn", queue.arn());
    }
    Map<String, String> outputs = new TreeMap<>();
    TEMPLATE.outputs().forEach((name, value) -> outputs.put(name, value.toString()));

    assertThat(outputs).isEqualTo(expected);
  }

  // ---- reading

  private static Template read(String parameter, String value) {
    return ProjectTemplate.read(Map.of(parameter, value));
  }

  private static boolean accepts(Map<String, String> parameters) {
    try {
      ProjectTemplate.read(parameters);
      return true;
    } catch (TemplateException e) {
      return false;
    }
  }

  private static int number(Resource resource, String property) {
    return Integer.parseInt(resource.at(property).orElseThrow().toString());
  }

  private static Resource role(Function function) {
    return named(TEMPLATE.resource(function.id()).at("Role").orElseThrow().toString());
  }

  private static Resource logGroup(Function function) {
    return named(
        TEMPLATE.resource(function.id()).at("LoggingConfig", "LogGroup").orElseThrow().toString());
  }

  private static Resource named(String arnOrRef) {
    return TEMPLATE.resourceNamed(arnOrRef).orElseThrow(() -> new AssertionError(arnOrRef));
  }

  private static List<?> list(@Nullable Object oneOrMany) {
    return oneOrMany instanceof List<?> many ? many : List.of(String.valueOf(oneOrMany));
  }
}
