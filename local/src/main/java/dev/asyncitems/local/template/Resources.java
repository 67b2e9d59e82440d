package dev.asyncitems.local.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The resolved resources of a template, and the references between them. Immutable. */
final class Resources {

  static final String FUNCTION = "AWS::Serverless::Function";
  static final String QUEUE = "AWS::SQS::Queue";
  private static final Pattern FUNCTION_ARN = Pattern.compile(":function:([^:/]+)");

  private final Resolver resolver;
  private final Map<String, Resource> byId = new LinkedHashMap<>();

  Resources(Map<String, Object> document, Resolver resolver) {
    this.resolver = resolver;
    Map<String, Object> globals = Resolver.section(document, "Globals");
    resolver.resources().forEach((id, raw) -> byId.put(id, resource(id, raw, globals)));
  }

  private Resource resource(String id, Map<String, Object> raw, Map<String, Object> globals) {
    String type = String.valueOf(raw.get("Type"));
    Object properties = raw.getOrDefault("Properties", Map.of());
    if (type.equals(FUNCTION) && globals.get("Function") instanceof Map<?, ?> defaults) {
      properties = merged(defaults, properties);
    }
    Map<String, Object> attributes = new LinkedHashMap<>(raw);
    attributes.keySet().removeAll(Set.of("Type", "Properties"));
    Props props = Props.of("Resources." + id + ".Properties", properties);
    return new Resource(
        id,
        type,
        resolver.resolveMap(props.place(), props.values()),
        resolver.resolveMap("Resources." + id, attributes));
  }

  /** Merges {@code Globals} as SAM does: it merges maps, joins lists and replaces other values. */
  private static Object merged(Object below, @Nullable Object above) {
    if (below instanceof Map<?, ?> lower
        && above instanceof Map<?, ?> upper
        && !isIntrinsic(lower)
        && !isIntrinsic(upper)) {
      Map<String, Object> result = new LinkedHashMap<>(Document.strings(lower));
      Document.strings(upper).forEach((key, value) -> result.merge(key, value, Resources::merged));
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

  /** Returns the resources by logical id, in the template's order. */
  Map<String, Resource> byId() {
    return Collections.unmodifiableMap(byId);
  }

  Stream<Resource> of(String type) {
    return byId.values().stream().filter(resource -> resource.type().equals(type));
  }

  String physicalName(Resource resource) {
    return resolver.physicalName(resource.props().place(), resource.id());
  }

  /** Returns the value of {@code !GetAtt} for an attribute of this resource. */
  String attribute(Resource resource, String name) {
    return resolver.getAtt(resource.props().place(), resource.id(), name);
  }

  /** Returns the resource of this type whose {@code !Ref} has this value. */
  Optional<Resource> referenced(String type, String reference) {
    return of(type)
        .filter(r -> resolver.resourceRef(r.props().place(), r.id()).equals(reference))
        .findFirst();
  }

  /** Returns the logical id of the queue whose ARN is the value of a property. */
  String queueId(Props props, String name) {
    String arn = props.needText(name);
    return of(QUEUE)
        .filter(queue -> attribute(queue, "Arn").equals(arn))
        .findFirst()
        .orElseThrow(() -> props.wrong(name, arn + " is not the ARN of a queue of the template."))
        .id();
  }

  /** Returns the logical id of the function whose ARN a property contains. */
  String functionId(Props props, String name) {
    String uri = props.needText(name);
    Matcher arn = FUNCTION_ARN.matcher(uri);
    String function = arn.find() ? arn.group(1) : "";
    return of(FUNCTION)
        .filter(resource -> physicalName(resource).equals(function))
        .findFirst()
        .orElseThrow(() -> props.wrong(name, "'" + uri + "' is not a function of the template."))
        .id();
  }
}
