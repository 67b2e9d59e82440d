package dev.asyncitems.dynamodb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * An update expression that makes a stored row equal to a given row. It changes only attributes of
 * the schema, so that it keeps attributes that a later release added. It changes no key of the
 * table or its timeline.
 */
record SchemaUpdate(
    String expression, Map<String, String> names, Map<String, AttributeValue> values) {
  static <R> SchemaUpdate of(TableSchema<R> schema, R row) {
    List<String> set = new ArrayList<>();
    List<String> remove = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    Map<String, AttributeValue> values = new HashMap<>();
    List<String> attributes = new ArrayList<>(schema.attributeNames());
    attributes.removeAll(schema.tableMetadata().indexKeys(Timeline.INDEX));
    for (String attribute : attributes) {
      names.put("#" + attribute, attribute);
      @Nullable AttributeValue value = schema.attributeValue(row, attribute);
      if (value == null) {
        remove.add("#" + attribute);
      } else {
        set.add("#" + attribute + " = :set_" + attribute);
        values.put(":set_" + attribute, value);
      }
    }
    String removal = remove.isEmpty() ? "" : " REMOVE " + String.join(", ", remove);
    return new SchemaUpdate("SET " + String.join(", ", set) + removal, names, values);
  }
}
