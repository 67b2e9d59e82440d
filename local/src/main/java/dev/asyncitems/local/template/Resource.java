package dev.asyncitems.local.template;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A resource of the template with resolved conditions and references.
 *
 * @param id the logical id
 * @param type the resource type, such as {@code AWS::SQS::Queue}
 * @param properties maps, lists, strings, numbers and booleans; for a function, they include {@code
 *     Globals}
 * @param attributes the other attributes, such as {@code DeletionPolicy}
 */
public record Resource(
    String id, String type, Map<String, Object> properties, Map<String, Object> attributes) {

  public Resource {
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /**
   * Returns the value at a path through the properties, such as {@code at("Environment",
   * "Variables", "TABLE")}. A step is a name in a map or an index in a list.
   */
  public Optional<Object> at(Object... steps) {
    Object here = properties;
    for (Object step : steps) {
      Object next =
          switch (here) {
            case Map<?, ?> map -> map.get(step);
            case List<?> list when step instanceof Integer i && i >= 0 && i < list.size() ->
                list.get(i);
            default -> null;
          };
      if (next == null) {
        return Optional.empty();
      }
      here = next;
    }
    return Optional.of(here);
  }

  Props props() {
    return new Props("Resources." + id + ".Properties", properties);
  }

  /** Throws a {@link TemplateException} if the local run does not support this resource. */
  void requireSupported() {
    switch (type) {
      case "AWS::Serverless::Api",
          "AWS::ApiGateway::RestApi",
          "AWS::Serverless::SimpleTable",
          "AWS::Serverless::StateMachine",
          "AWS::Serverless::Application",
          "AWS::Lambda::Function",
          "AWS::Lambda::EventSourceMapping",
          "AWS::DynamoDB::GlobalTable" ->
          throw new TemplateException(
              "Resources." + id + ".Type: " + type + " is not supported by the local run.");
      case "AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api" -> {
        for (String name : List.of("DefinitionBody", "DefinitionUri", "Body", "BodyS3Location")) {
          if (properties.containsKey(name)) {
            throw props()
                .wrong(name, "an API from a definition is not supported by the local run.");
          }
        }
      }
      default -> {}
    }
  }
}
