package dev.asyncitems.local.template;

import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the model of what runs from the resolved resources. */
final class Reader {

  private static final String FUNCTION = "AWS::Serverless::Function";
  private static final Duration INTEGRATION_LIMIT = Duration.ofSeconds(30);
  private static final Pattern RATE =
      Pattern.compile("rate\\(([1-9][0-9]{0,5}) (minute|minutes|hour|hours|day|days)\\)");
  private static final Pattern FUNCTION_ARN = Pattern.compile(":function:([^:/]+)");
  private static final Set<String> METHODS =
      Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY");

  final Map<String, Resource> resources = new LinkedHashMap<>();
  final Map<String, Function> functions = new LinkedHashMap<>();
  final Map<String, Table> tables = new LinkedHashMap<>();
  final Map<String, Queue> queues = new LinkedHashMap<>();
  final List<Route> routes = new ArrayList<>();
  final List<Mapping> mappings = new ArrayList<>();
  final List<Schedule> schedules = new ArrayList<>();
  Optional<Cors> cors = Optional.empty();
  final Map<String, String> stageVariables = new LinkedHashMap<>();
  final Map<String, Object> outputs = new LinkedHashMap<>();
  private final Resolver resolver;

  Reader(Map<String, Object> document, Resolver resolver) {
    this.resolver = resolver;
    resolver.checkRules(Resolver.section(document, "Rules"));
    Map<String, Object> globals = Resolver.section(document, "Globals");
    resolver.resources().forEach((id, raw) -> resources.put(id, resource(id, raw, globals)));
    for (Resource resource : resources.values()) {
      refuseUnsupported(resource);
      switch (resource.type()) {
        case FUNCTION -> functions.put(resource.id(), function(resource));
        case "AWS::DynamoDB::Table" -> tables.put(resource.id(), table(resource));
        case "AWS::SQS::Queue" -> queues.put(resource.id(), queue(resource));
        default -> {}
      }
    }
    for (Resource resource : resources.values()) {
      switch (resource.type()) {
        case FUNCTION -> events(resource);
        case "AWS::ApiGatewayV2::Route" ->
            routes.add(route(resource).with(access(props(resource))));
        case "AWS::ApiGatewayV2::Api", "AWS::Serverless::HttpApi" -> {
          if (props(resource).has("CorsConfiguration")) {
            cors = Optional.of(cors(props(resource).below("CorsConfiguration")));
          }
          addStageVariables(resource);
        }
        case "AWS::ApiGatewayV2::Stage" -> addStageVariables(resource);
        default -> {}
      }
    }
    Set<String> keys = new HashSet<>();
    for (Route route : routes) {
      if (!keys.add(route.key())) {
        throw new TemplateException(
            "Resources." + route.id() + ": the route " + route.key() + " is there twice.");
      }
    }
    Map<String, Object> declared = Resolver.section(document, "Outputs");
    for (Map.Entry<String, Object> entry : declared.entrySet()) {
      Props output = Props.of("Outputs." + entry.getKey(), entry.getValue());
      if (resolver.holds(output.place(), output.values())) {
        Object value = resolver.resolve(output.place() + ".Value", output.values().get("Value"));
        if (value != null) {
          outputs.put(entry.getKey(), value);
        }
      }
    }
  }

  private void addStageVariables(Resource stage) {
    Props variables = props(stage).below("StageVariables");
    variables.values().keySet().forEach(name -> stageVariables.put(name, variables.needText(name)));
  }

  private Resource resource(String id, Map<String, Object> raw, Map<String, Object> globals) {
    String type = String.valueOf(raw.get("Type"));
    Object properties = raw.getOrDefault("Properties", Map.of());
    if (type.equals(FUNCTION) && globals.get("Function") instanceof Map<?, ?> defaults) {
      properties = merged(defaults, properties);
    }
    Map<String, Object> attributes = new LinkedHashMap<>();
    raw.forEach((name, value) -> {
      if (!name.equals("Type") && !name.equals("Properties")) {
        Object resolved = resolver.resolve("Resources." + id + "." + name, value);
        if (resolved != null) {
          attributes.put(name, resolved);
        }
      }
    });
    String place = "Resources." + id + ".Properties";
    return new Resource(
        id, type, resolver.resolveMap(place, Props.of(place, properties).values()), attributes);
  }

  /** As SAM merges Globals: maps go together, lists are joined, all else is replaced. */
  private static Object merged(Object below, @Nullable Object above) {
    if (below instanceof Map<?, ?> lower
        && above instanceof Map<?, ?> upper
        && !isIntrinsic(lower)
        && !isIntrinsic(upper)) {
      Map<String, Object> result = new LinkedHashMap<>(Document.strings(lower));
      Document.strings(upper)
          .forEach((key, value) -> result.merge(key, value, (low, high) -> merged(low, high)));
      return result;
    }
    if (below instanceof List<?> lower && above instanceof List<?> upper) {
      List<Object> result = new ArrayList<>(lower);
      result.addAll(upper);
      return result;
    }
    return above == null ? below : above;
  }

  private static boolean isIntrinsic(Map<?, ?> map) {
    return map.size() == 1
        && map.keySet().stream()
            .map(String::valueOf)
            .anyMatch(key -> key.equals("Ref") || key.startsWith("Fn::"));
  }

  private static Props props(Resource resource) {
    return new Props("Resources." + resource.id() + ".Properties", resource.properties());
  }

  private static void refuseUnsupported(Resource resource) {
    String place = "Resources." + resource.id();
    switch (resource.type()) {
      case "AWS::Serverless::Api",
          "AWS::ApiGateway::RestApi",
          "AWS::Serverless::SimpleTable",
          "AWS::Serverless::StateMachine",
          "AWS::Serverless::Application",
          "AWS::Lambda::Function",
          "AWS::Lambda::EventSourceMapping",
          "AWS::DynamoDB::GlobalTable" ->
          throw new TemplateException(
              place + ".Type: " + resource.type() + " is not supported by the local run.");
      case "AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api" -> {
        for (String name : List.of("DefinitionBody", "DefinitionUri", "Body", "BodyS3Location")) {
          if (resource.properties().containsKey(name)) {
            throw props(resource)
                .wrong(name, "an API from a definition is not supported by the local run.");
          }
        }
      }
      default -> {}
    }
  }

  private Function function(Resource resource) {
    Props props = props(resource);
    if ("Image".equals(props.text("PackageType").orElse(""))) {
      throw props.wrong("PackageType", "Image is not supported by the local run.");
    }
    Map<String, String> environment = new LinkedHashMap<>();
    Props variables = props.below("Environment").below("Variables");
    variables.values().keySet().forEach(name -> environment.put(name, variables.needText(name)));
    String handler = props.needText("Handler");
    int method = handler.indexOf("::");
    String name = resolver.physicalName(props.place(), resource.id());
    return new Function(
        resource.id(),
        name,
        resolver.getAtt(props.place(), resource.id(), "Arn"),
        method < 0 ? handler : handler.substring(0, method),
        environment,
        Duration.ofSeconds(props.integer("Timeout", 3, 1, 900)),
        props.integer("MemorySize", 128, 128, 10_240));
  }

  private Table table(Resource resource) {
    Props props = props(resource);
    Map<String, String> types = new HashMap<>();
    for (Props attribute : props.each("AttributeDefinitions")) {
      types.put(attribute.needText("AttributeName"), attribute.needText("AttributeType"));
    }
    Props ttl = props.below("TimeToLiveSpecification");
    return new Table(
        resource.id(),
        resolver.physicalName(props.place(), resource.id()),
        key(props, types),
        indexes(props, "GlobalSecondaryIndexes", types),
        indexes(props, "LocalSecondaryIndexes", types),
        ttl.flag("Enabled", false) ? ttl.needText("AttributeName") : null);
  }

  private static List<Table.KeyPart> key(Props props, Map<String, String> types) {
    List<Table.KeyPart> parts = new ArrayList<>();
    for (Props part : props.each("KeySchema")) {
      String attribute = part.needText("AttributeName");
      String type = types.get(attribute);
      if (type == null) {
        throw part.wrong("AttributeName", attribute + " is not in AttributeDefinitions.");
      }
      parts.add(new Table.KeyPart(attribute, part.needText("KeyType"), type));
    }
    if (parts.isEmpty()) {
      throw props.wrong("KeySchema", "it is missing.");
    }
    return parts;
  }

  private static List<Table.Index> indexes(Props props, String name, Map<String, String> types) {
    List<Table.Index> indexes = new ArrayList<>();
    for (Props index : props.each(name)) {
      Props projection = index.below("Projection");
      indexes.add(
          new Table.Index(
              index.needText("IndexName"),
              key(index, types),
              projection.text("ProjectionType").orElse("ALL"),
              projection.texts("NonKeyAttributes")));
    }
    return indexes;
  }

  private Queue queue(Resource resource) {
    Props props = props(resource);
    if (props.flag("FifoQueue", false)) {
      throw props.wrong("FifoQueue", "FIFO queues are not supported by the local run.");
    }
    String id = resource.id();
    Queue.Redrive redrive = null;
    if (props.has("RedrivePolicy")) {
      Props policy = props.below("RedrivePolicy");
      redrive =
          new Queue.Redrive(
              queueOf(policy, "deadLetterTargetArn"),
              policy.integer("maxReceiveCount", 10, 1, 1_000));
    }
    return new Queue(
        id,
        resolver.physicalName(props.place(), id),
        resolver.getAtt(props.place(), id, "Arn"),
        resolver.getAtt(props.place(), id, "QueueUrl"),
        Duration.ofSeconds(props.integer("VisibilityTimeout", 30, 0, 43_200)),
        Duration.ofSeconds(props.integer("MessageRetentionPeriod", 345_600, 60, 1_209_600)),
        Duration.ofSeconds(props.integer("DelaySeconds", 0, 0, 900)),
        Duration.ofSeconds(props.integer("ReceiveMessageWaitTimeSeconds", 0, 0, 20)),
        redrive);
  }

  private String queueOf(Props props, String name) {
    String arn = props.needText(name);
    for (Resource resource : resources.values()) {
      if (resource.type().equals("AWS::SQS::Queue")
          && resolver.getAtt(props.place(), resource.id(), "Arn").equals(arn)) {
        return resource.id();
      }
    }
    throw props.wrong(name, arn + " is the ARN of no queue of the template.");
  }

  private void events(Resource resource) {
    Props events = props(resource).below("Events");
    for (String name : events.values().keySet()) {
      Props event = events.below(name);
      Props props = event.below("Properties");
      switch (event.needText("Type")) {
        case "SQS" -> mappings.add(mapping(resource.id(), name, props));
        case "Schedule" -> schedules.add(schedule(resource.id(), name, props));
        case "HttpApi" -> routes.add(httpApi(resource.id(), name, props));
        default ->
            throw event.wrong(
                "Type", event.needText("Type") + " events are not supported by the local run.");
      }
    }
  }

  private Mapping mapping(String functionId, String name, Props props) {
    if (props.has("FilterCriteria")) {
      throw props.wrong("FilterCriteria", "it is not supported by the local run.");
    }
    int batchSize = props.integer("BatchSize", 10, 1, 10_000);
    int window = props.integer("MaximumBatchingWindowInSeconds", 0, 0, 300);
    if (batchSize > 10 && window < 1) {
      throw props.wrong(
          "BatchSize", "over 10 it needs a MaximumBatchingWindowInSeconds of 1 or more.");
    }
    Props scaling = props.below("ScalingConfig");
    return new Mapping(
        name,
        functionId,
        queueOf(props, "Queue"),
        batchSize,
        Duration.ofSeconds(window),
        props.texts("FunctionResponseTypes").contains("ReportBatchItemFailures"),
        scaling.has("MaximumConcurrency")
            ? (Integer) scaling.integer("MaximumConcurrency", 2, 2, 1_000)
            : null,
        props.flag("Enabled", true));
  }

  private static Schedule schedule(String functionId, String name, Props props) {
    String text = props.needText("Schedule");
    Matcher rate = RATE.matcher(text);
    if (!rate.matches()) {
      throw props.wrong(
          "Schedule", "'" + text + "': the local run knows rate(N minutes|hours|days) only.");
    }
    int count = Integer.parseInt(rate.group(1));
    boolean enabled =
        props.flag("Enabled", true) && !props.text("State").orElse("ENABLED").equals("DISABLED");
    return new Schedule(
        name,
        functionId,
        switch (rate.group(2).charAt(0)) {
          case 'm' -> Duration.ofMinutes(count);
          case 'h' -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        },
        props.text("Input").orElse(null),
        enabled);
  }

  private Optional<Access> access(Props route) {
    String type = route.text("AuthorizationType").orElse("NONE");
    if (type.equals("NONE")) {
      return Optional.empty();
    }
    if (!type.equals("JWT")) {
      throw route.wrong("AuthorizationType", type + " is not supported by the local run.");
    }
    String reference = route.needText("AuthorizerId");
    Resource authorizer =
        resources.values().stream()
            .filter(r -> r.type().equals("AWS::ApiGatewayV2::Authorizer"))
            .filter(r -> resolver.resourceRef(route.place(), r.id()).equals(reference))
            .findFirst()
            .orElseThrow(() ->
                route.wrong(
                    "AuthorizerId", "'" + reference + "' is no authorizer of the template."));
    Props props = props(authorizer);
    if (!props.texts("IdentitySource").equals(List.of("$request.header.Authorization"))) {
      throw props.wrong(
          "IdentitySource", "the local run knows $request.header.Authorization only.");
    }
    Props jwt = props.below("JwtConfiguration");
    String issuer = jwt.needText("Issuer");
    if (!issuer.matches("https?://[^/\\s].*") || !isAddress(issuer)) {
      throw jwt.wrong("Issuer", "'" + issuer + "' is no URL of an issuer.");
    }
    return Optional.of(
        new Access(
            authorizer.id(),
            URI.create(issuer),
            jwt.texts("Audience"),
            route.texts("AuthorizationScopes")));
  }

  /** Whether it can be connected to: its port, if it names one, is from 1 to 65535. */
  private static boolean isAddress(String text) {
    try {
      int port = new URI(text).toURL().getPort();
      return port == -1 || (port > 0 && port <= 65_535);
    } catch (URISyntaxException | MalformedURLException e) {
      return false;
    }
  }

  private static Cors cors(Props props) {
    return new Cors(
        props.texts("AllowOrigins"),
        props.texts("AllowMethods"),
        props.texts("AllowHeaders"),
        props.texts("ExposeHeaders"),
        props.has("MaxAge")
            ? Optional.of(props.integer("MaxAge", 0, -1, 86_400))
            : Optional.empty(),
        props.flag("AllowCredentials", false));
  }

  private static Route httpApi(String functionId, String name, Props props) {
    requireVersionTwo(props);
    if (!props.has("Path")) {
      return new Route(name, "", Route.DEFAULT, functionId, INTEGRATION_LIMIT);
    }
    String method = props.text("Method").orElse("ANY").toUpperCase(Locale.ROOT);
    return route(
        name, props, "Path", method, props.needText("Path"), functionId, INTEGRATION_LIMIT);
  }

  private Route route(Resource resource) {
    Props props = props(resource);
    String target = props.needText("Target");
    String reference =
        target.startsWith("integrations/") ? target.substring("integrations/".length()) : "";
    Resource integration =
        resources.values().stream()
            .filter(r -> r.type().equals("AWS::ApiGatewayV2::Integration"))
            .filter(r -> resolver.resourceRef(props.place(), r.id()).equals(reference))
            .findFirst()
            .orElseThrow(
                () -> props.wrong("Target", "'" + target + "' is no integration of the template."));
    Props behind = props(integration);
    String type = behind.needText("IntegrationType");
    if (!type.equals("AWS_PROXY")) {
      throw behind.wrong("IntegrationType", type + " is not supported by the local run.");
    }
    requireVersionTwo(behind);
    int limit = behind.integer("TimeoutInMillis", 30_000, 50, 30_000);
    String functionId = functionOf(behind);
    String key = props.needText("RouteKey");
    if (key.equals(Route.DEFAULT)) {
      return new Route(resource.id(), "", Route.DEFAULT, functionId, Duration.ofMillis(limit));
    }
    int space = key.indexOf(' ');
    return route(
        resource.id(),
        props,
        "RouteKey",
        space < 0 ? "" : key.substring(0, space),
        key.substring(space + 1),
        functionId,
        Duration.ofMillis(limit));
  }

  private static Route route(
      String id,
      Props props,
      String property,
      String method,
      String path,
      String functionId,
      Duration limit) {
    if (!METHODS.contains(method) || !path.startsWith("/")) {
      throw props.wrong(property, "'" + method + " " + path + "' is no route key.");
    }
    if (path.length() > 1 && path.endsWith("/")) {
      throw props.wrong(property, "an HTTP API has no routes that end in a slash.");
    }
    int greedy = path.indexOf("+}");
    if (greedy >= 0 && greedy != path.length() - 2) {
      throw props.wrong(property, "only the last segment of a route can be greedy.");
    }
    return new Route(id, method, path, functionId, limit);
  }

  private static void requireVersionTwo(Props props) {
    if (!props.text("PayloadFormatVersion").orElse("2.0").equals("2.0")) {
      throw props.wrong("PayloadFormatVersion", "the local run knows 2.0 only.");
    }
  }

  private String functionOf(Props props) {
    String uri = props.needText("IntegrationUri");
    Matcher matcher = FUNCTION_ARN.matcher(uri);
    if (matcher.find()) {
      for (Function function : functions.values()) {
        if (function.name().equals(matcher.group(1))) {
          return function.id();
        }
      }
    }
    throw props.wrong("IntegrationUri", "'" + uri + "' is no function of the template.");
  }
}
