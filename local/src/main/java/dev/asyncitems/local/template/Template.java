package dev.asyncitems.local.template;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A SAM template with resolved parameters, conditions, {@code Globals} and references. Immutable.
 *
 * <p>The template omits resources whose condition is false, and properties with the value {@code
 * AWS::NoValue}. The default name of a resource is the stack name, a hyphen and the logical id.
 */
public final class Template {

  /** Without a wildcard, which names no particular table. */
  private static final Pattern TABLE_ARN =
      Pattern.compile("arn:[\\w-]+:dynamodb:[\\w-]*:[0-9]*:table/([\\w.-]+)(?![\\w.*?-])");

  private final Map<String, Object> document;
  private final Resolver resolver;
  private final Resources resources;
  private final Map<String, Function> functions = new LinkedHashMap<>();
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private final Map<String, Queue> queues = new LinkedHashMap<>();
  private final List<Route> routes = new ArrayList<>();
  private final List<Mapping> mappings = new ArrayList<>();
  private final List<Schedule> schedules = new ArrayList<>();
  private Optional<Cors> cors = Optional.empty();
  private final Map<String, String> stageVariables = new LinkedHashMap<>();
  private final Map<String, Object> outputs = new LinkedHashMap<>();

  private Template(Map<String, Object> document, Surroundings surroundings) {
    this.document = document;
    this.resolver = new Resolver(document, surroundings);
    resolver.checkRules(Resolver.section(document, "Rules"));
    resources = new Resources(document, resolver);
    for (Resource resource : resources.byId().values()) {
      resource.requireSupported();
      String id = resource.id();
      switch (resource.type()) {
        case Resources.FUNCTION -> functions.put(id, Function.of(resource, resources));
        case "AWS::DynamoDB::Table" -> tables.put(id, Table.of(resource, resources));
        case Resources.QUEUE -> queues.put(id, Queue.of(resource, resources));
        default -> {}
      }
    }
    for (Resource resource : resources.byId().values()) {
      switch (resource.type()) {
        case Resources.FUNCTION -> addEvents(resource);
        case "AWS::ApiGatewayV2::Route" -> routes.add(Route.of(resource, resources));
        case "AWS::ApiGatewayV2::Api", "AWS::Serverless::HttpApi" -> {
          if (resource.props().has("CorsConfiguration")) {
            cors = Optional.of(Cors.of(resource.props().below("CorsConfiguration")));
          }
          stageVariables.putAll(resource.props().textMap("StageVariables"));
        }
        case "AWS::ApiGatewayV2::Stage" ->
            stageVariables.putAll(resource.props().textMap("StageVariables"));
        default -> {}
      }
    }
    requireDistinctRoutes();
    addOutputs(Resolver.section(document, "Outputs"));
  }

  private void addEvents(Resource function) {
    Props events = function.props().below("Events");
    for (String name : events.values().keySet()) {
      Props event = events.below(name);
      Props props = event.below("Properties");
      switch (event.needText("Type")) {
        case "SQS" -> mappings.add(Mapping.of(function.id(), props, resources));
        case "Schedule" -> schedules.add(Schedule.of(function.id(), name, props));
        case "HttpApi" -> routes.add(Route.of(function.id(), name, props));
        default ->
            throw event.wrong(
                "Type", event.needText("Type") + " events are not supported by the local run.");
      }
    }
  }

  private void requireDistinctRoutes() {
    Set<String> keys = new HashSet<>();
    for (Route route : routes) {
      if (!keys.add(route.key())) {
        throw new TemplateException(
            "Resources." + route.id() + ": the route " + route.key() + " is declared twice.");
      }
    }
  }

  private void addOutputs(Map<String, Object> declared) {
    declared.forEach((name, content) -> {
      Props output = Props.of("Outputs." + name, content);
      if (resolver.holds(output.place(), output.values())) {
        Object value = resolver.resolve(output.place() + ".Value", output.values().get("Value"));
        if (value != null) {
          outputs.put(name, value);
        }
      }
    });
  }

  /** Reads the file with {@link Surroundings#DEFAULT}. */
  public static Template read(Path file) {
    return read(file, Surroundings.DEFAULT);
  }

  /**
   * Reads and resolves the file.
   *
   * @throws TemplateException if the template is invalid or not supported; the message names the
   *     place
   */
  public static Template read(Path file, Surroundings surroundings) {
    return new Template(Document.read(file), surroundings);
  }

  /** Returns this template, resolved in other surroundings, without reading the file again. */
  public Template in(Surroundings surroundings) {
    return new Template(document, surroundings);
  }

  /** Returns all resources by logical id, in the template's order. */
  public Map<String, Resource> resources() {
    return resources.byId();
  }

  /** Returns a resource by its logical id, or throws {@link TemplateException}. */
  public Resource resource(String id) {
    return found("resource", id, resources.byId());
  }

  /** Returns the resources of a type, such as {@code AWS::IAM::Role}, in the template's order. */
  public List<Resource> resourcesOf(String type) {
    return resources.of(type).toList();
  }

  /** Returns the value of {@code !Ref} for a resource. */
  public String ref(String id) {
    resource(id);
    return resolver.resourceRef(id, id);
  }

  /** Returns the value of {@code !GetAtt}, for example {@code attribute("Jobs", "Arn")}. */
  public String attribute(String id, String name) {
    return resolver.getAtt(id, id, name);
  }

  /** Returns the resource whose ARN or {@code !Ref} equals the text. */
  public Optional<Resource> resourceNamed(String arnOrRef) {
    return resources.byId().values().stream()
        .filter(r -> ref(r.id()).equals(arnOrRef) || attribute(r.id(), "Arn").equals(arnOrRef))
        .findFirst();
  }

  /** Returns the values of the parameters by name, including defaults. */
  public Map<String, String> parameters() {
    return Collections.unmodifiableMap(resolver.parameters().values());
  }

  /** Returns the resolved values of the outputs by name. */
  public Map<String, Object> outputs() {
    return Collections.unmodifiableMap(outputs);
  }

  public List<Function> functions() {
    return List.copyOf(functions.values());
  }

  /** Returns a function by its logical id, or throws {@link TemplateException}. */
  public Function function(String id) {
    return found("function", id, functions);
  }

  public List<Route> routes() {
    return List.copyOf(routes);
  }

  public Optional<Cors> cors() {
    return cors;
  }

  /** Returns the API's stage variables, which HTTP events contain. */
  public Map<String, String> stageVariables() {
    return Collections.unmodifiableMap(stageVariables);
  }

  public List<Table> tables() {
    return List.copyOf(tables.values());
  }

  /** Returns a table by its logical id, or throws {@link TemplateException}. */
  public Table table(String id) {
    return found("table", id, tables);
  }

  /**
   * Returns the names of the tables that the template's roles name and the template does not
   * create.
   */
  public Set<String> existingTables() {
    Set<String> named = new TreeSet<>();
    for (Resource role : resourcesOf("AWS::IAM::Role")) {
      TABLE_ARN.matcher(role.properties().toString()).results().forEach(m -> named.add(m.group(1)));
    }
    tables.values().forEach(table -> named.remove(table.name()));
    return named;
  }

  public List<Queue> queues() {
    return List.copyOf(queues.values());
  }

  /** Returns a queue by its logical id, or throws {@link TemplateException}. */
  public Queue queue(String id) {
    return found("queue", id, queues);
  }

  /** Returns the path of the page with the API's documentation, if a route serves it. */
  public Optional<String> docsPath() {
    return routes().stream()
        .filter(route -> route.method().equals("GET") && route.path().equals("/docs"))
        .map(Route::path)
        .findFirst();
  }

  public List<Mapping> mappings() {
    return List.copyOf(mappings);
  }

  public List<Schedule> schedules() {
    return List.copyOf(schedules);
  }

  private static <T> T found(String kind, String id, Map<String, T> all) {
    T value = all.get(id);
    if (value == null) {
      throw new TemplateException("The template has no " + kind + " " + id + ".");
    }
    return value;
  }
}
