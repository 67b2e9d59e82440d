package dev.asyncitems.dynamodb;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * An update expression, derived from a row's schema. It sets the attributes that the row has and
 * removes those that it lacks. It names no other, so that an attribute of a later release stays.
 */
record RowUpdate(String expression, Map<String, String> names, Map<String, AttributeValue> values) {
  /** Updates all attributes, except the keys of the table and of its timeline. */
  static <R> RowUpdate of(TableSchema<R> schema, R row) {
    List<String> attributes = new ArrayList<>(schema.attributeNames());
    attributes.removeAll(schema.tableMetadata().indexKeys(Timeline.INDEX));
    return of(schema, row, attributes);
  }

  /** Updates some attributes. */
  static <R> RowUpdate of(TableSchema<R> schema, R row, Collection<String> attributes) {
    List<String> set = new ArrayList<>();
    List<String> remove = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    Map<String, AttributeValue> values = new HashMap<>();
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
    return new RowUpdate(clause("SET ", set) + clause(" REMOVE ", remove), names, values);
  }

  private static String clause(String verb, List<String> actions) {
    return actions.isEmpty() ? "" : verb + String.join(", ", actions);
  }
}
