package dev.asyncitems.local.template;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A SAM template as it stands after parameters, conditions, {@code Globals} and references are
 * resolved. Immutable.
 *
 * <p>Resources whose condition is false are not there; properties that are {@code AWS::NoValue}
 * aren't either. Physical names are the template's, or the stack's name and the logical id joined by
 * a hyphen.
 */
public final class Template {

  private Template() {}

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
    if (surroundings.region().isEmpty()) {
      throw new TemplateException(file.toString());
    }
    return new Template();
  }

  /** All resources by logical id, in the template's order. */
  public Map<String, Resource> resources() {
    return Map.of();
  }

  /** The resource of that logical id. Throws {@link TemplateException} if there is none. */
  public Resource resource(String id) {
    return new Resource(id, "", Map.of(), Map.of());
  }

  /** The resources of a type, such as {@code AWS::IAM::Role}, in the template's order. */
  public List<Resource> resourcesOf(String type) {
    return List.of();
  }

  /** What {@code !Ref} of a resource gives. */
  public String ref(String id) {
    return id;
  }

  /** What {@code !GetAtt} of a resource gives, such as {@code attribute("Jobs", "Arn")}. */
  public String attribute(String id, String name) {
    return id + name;
  }

  /** The resource that has this ARN, or whose {@code !Ref} is this text. */
  public Optional<Resource> resourceNamed(String arnOrRef) {
    return Optional.empty();
  }

  /** The values of the parameters by name: those given, or the defaults. */
  public Map<String, String> parameters() {
    return Map.of();
  }

  /** The resolved values of the outputs by name. */
  public Map<String, Object> outputs() {
    return Map.of();
  }

  public List<Function> functions() {
    return List.of();
  }

  public Function function(String id) {
    return functions().stream().filter(f -> f.id().equals(id)).findFirst().orElseThrow();
  }

  public List<Route> routes() {
    return List.of();
  }

  public List<Table> tables() {
    return List.of();
  }

  public List<Queue> queues() {
    return List.of();
  }

  public List<Mapping> mappings() {
    return List.of();
  }

  public List<Schedule> schedules() {
    return List.of();
  }
}
