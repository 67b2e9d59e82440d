package dev.asyncitems.local.template;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A SAM template as it stands after parameters, conditions, {@code Globals} and references are
 * resolved. Immutable.
 *
 * <p>Resources whose condition is false are not there; properties that are {@code AWS::NoValue}
 * aren't either. Physical names are the template's, or the stack's name and the logical id joined
 * by a hyphen.
 */
public final class Template {

  private final Resolver resolver;
  private final Reader reader;

  private Template(Resolver resolver, Reader reader) {
    this.resolver = resolver;
    this.reader = reader;
  }

  /** Reads the file with {@link Surroundings#DEFAULT}. */
  public static Template read(Path file) {
    return read(file, Surroundings.DEFAULT);
  }

  /**
   * Reads and resolves the file.
   *
   * @throws TemplateException if that can't be done; the message says where and why
   */
  public static Template read(Path file, Surroundings surroundings) {
    Map<String, Object> document = Document.read(file);
    Resolver resolver = new Resolver(document, surroundings);
    return new Template(resolver, new Reader(document, resolver));
  }

  /** All resources by logical id, in the template's order. */
  public Map<String, Resource> resources() {
    return Collections.unmodifiableMap(reader.resources);
  }

  /** The resource of that logical id. Throws {@link TemplateException} if there is none. */
  public Resource resource(String id) {
    return found("resource", id, reader.resources);
  }

  /** The resources of a type, such as {@code AWS::IAM::Role}, in the template's order. */
  public List<Resource> resourcesOf(String type) {
    return reader.resources.values().stream().filter(r -> r.type().equals(type)).toList();
  }

  /** What {@code !Ref} of a resource gives. */
  public String ref(String id) {
    resource(id);
    return resolver.resourceRef(id, id);
  }

  /** What {@code !GetAtt} of a resource gives, such as {@code attribute("Jobs", "Arn")}. */
  public String attribute(String id, String name) {
    return resolver.getAtt(id, id, name);
  }

  /** The resource whose ARN or whose {@code !Ref} this text is. */
  public Optional<Resource> resourceNamed(String arnOrRef) {
    return reader.resources.values().stream()
        .filter(r -> ref(r.id()).equals(arnOrRef) || arn(r).equals(arnOrRef))
        .findFirst();
  }

  private String arn(Resource resource) {
    return attribute(resource.id(), "Arn");
  }

  /** The values of the parameters by name: those given, or the defaults. */
  public Map<String, String> parameters() {
    return Collections.unmodifiableMap(resolver.parameters().values());
  }

  /** The resolved values of the outputs by name. */
  public Map<String, Object> outputs() {
    return Collections.unmodifiableMap(reader.outputs);
  }

  public List<Function> functions() {
    return List.copyOf(reader.functions.values());
  }

  /** The function of that logical id. Throws {@link TemplateException} if there is none. */
  public Function function(String id) {
    return found("function", id, reader.functions);
  }

  public List<Route> routes() {
    return List.copyOf(reader.routes);
  }

  /** What pages of other origins may do; nothing is said of them unless the template does. */
  public Optional<Cors> cors() {
    return reader.cors;
  }

  /** Returns the variables of the API's stage, which its events carry. */
  public Map<String, String> stageVariables() {
    return Collections.unmodifiableMap(reader.stageVariables);
  }

  public List<Table> tables() {
    return List.copyOf(reader.tables.values());
  }

  /** The table of that logical id. Throws {@link TemplateException} if there is none. */
  public Table table(String id) {
    return found("table", id, reader.tables);
  }

  public List<Queue> queues() {
    return List.copyOf(reader.queues.values());
  }

  /** The queue of that logical id. Throws {@link TemplateException} if there is none. */
  public Queue queue(String id) {
    return found("queue", id, reader.queues);
  }

  public List<Mapping> mappings() {
    return List.copyOf(reader.mappings);
  }

  public List<Schedule> schedules() {
    return List.copyOf(reader.schedules);
  }

  private static <T> T found(String kind, String id, Map<String, T> all) {
    T value = all.get(id);
    if (value == null) {
      throw new TemplateException("The template has no " + kind + " " + id + ".");
    }
    return value;
  }
}
