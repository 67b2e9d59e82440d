package dev.asyncitems.local.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A DynamoDB table of the template.
 *
 * @param id the logical id
 * @param name the physical name
 * @param key the partition key and the sort key, if any
 * @param ttlAttribute the attribute that holds a row's expiry time, or null
 */
public record Table(
    String id,
    String name,
    List<KeyPart> key,
    List<Index> globalIndexes,
    List<Index> localIndexes,
    @Nullable String ttlAttribute) {

  /**
   * An attribute of a key.
   *
   * @param keyType {@code HASH} or {@code RANGE}
   * @param attributeType {@code S}, {@code N} or {@code B}
   */
  public record KeyPart(String attribute, String keyType, String attributeType) {}

  /**
   * A secondary index.
   *
   * @param projection {@code ALL}, {@code KEYS_ONLY} or {@code INCLUDE}
   * @param included the attributes that {@code INCLUDE} projects
   */
  public record Index(String name, List<KeyPart> key, String projection, List<String> included) {}

  static Table of(Resource resource, Resources resources) {
    Props props = resource.props();
    Map<String, String> types = new HashMap<>();
    for (Props attribute : props.each("AttributeDefinitions")) {
      types.put(attribute.needText("AttributeName"), attribute.needText("AttributeType"));
    }
    Props ttl = props.below("TimeToLiveSpecification");
    return new Table(
        resource.id(),
        resources.physicalName(resource),
        key(props, types),
        indexes(props, "GlobalSecondaryIndexes", types),
        indexes(props, "LocalSecondaryIndexes", types),
        ttl.flag("Enabled", false) ? ttl.needText("AttributeName") : null);
  }

  private static List<KeyPart> key(Props props, Map<String, String> types) {
    List<KeyPart> parts = new ArrayList<>();
    for (Props part : props.each("KeySchema")) {
      String attribute = part.needText("AttributeName");
      String type = types.get(attribute);
      if (type == null) {
        throw part.wrong("AttributeName", attribute + " is not in AttributeDefinitions.");
      }
      parts.add(new KeyPart(attribute, part.needText("KeyType"), type));
    }
    if (parts.isEmpty()) {
      throw props.wrong("KeySchema", "it is missing.");
    }
    return List.copyOf(parts);
  }

  private static List<Index> indexes(Props props, String name, Map<String, String> types) {
    return props.each(name).stream()
        .map(index -> {
          Props projection = index.below("Projection");
          return new Index(
              index.needText("IndexName"),
              key(index, types),
              projection.text("ProjectionType").orElse("ALL"),
              projection.texts("NonKeyAttributes"));
        })
        .toList();
  }
}
