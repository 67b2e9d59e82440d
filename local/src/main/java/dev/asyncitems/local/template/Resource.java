package dev.asyncitems.local.template;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One resource of the template as it stands after conditions and references are resolved.
 *
 * @param id the logical id
 * @param type such as {@code AWS::SQS::Queue}
 * @param properties its properties: maps, lists, strings, numbers and booleans; those of functions
 *     with {@code Globals} merged in
 * @param attributes what stands beside the properties, such as {@code DeletionPolicy}
 */
public record Resource(
    String id, String type, Map<String, Object> properties, Map<String, Object> attributes) {

  public Resource {
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /**
   * The value found by going down the properties: a name for a map, a number for a list, such as
   * {@code at("Environment", "Variables", "TABLE")}.
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
}
