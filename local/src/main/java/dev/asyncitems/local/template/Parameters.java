package dev.asyncitems.local.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The template's parameters with the given values, or their defaults. */
final class Parameters {

  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+([.][0-9]+)?");

  private final Map<String, String> values = new LinkedHashMap<>();
  private final List<String> lists = new ArrayList<>();

  Parameters(Map<String, Object> declared, Map<String, String> given) {
    for (String name : given.keySet()) {
      if (!declared.containsKey(name)) {
        throw new TemplateException("The template has no parameter " + name + ".");
      }
    }
    for (Map.Entry<String, Object> entry : declared.entrySet()) {
      String name = entry.getKey();
      if (!(entry.getValue() instanceof Map<?, ?> declaration)) {
        throw new TemplateException("Parameters." + name + " is not a mapping.");
      }
      Object fallback = declaration.get("Default");
      String value = given.get(name);
      if (value == null) {
        if (fallback == null) {
          throw new TemplateException(
              "The parameter " + name + " has no default and was given no value.");
        }
        value = String.valueOf(fallback);
      }
      check(name, declaration, value);
      values.put(name, value);
    }
  }

  private void check(String name, Map<?, ?> declaration, String value) {
    String type = String.valueOf(declaration.get("Type"));
    switch (type) {
      case "String" -> {}
      case "Number" -> {
        if (!NUMBER.matcher(value).matches()) {
          throw wrong(name, value, "is not a number");
        }
      }
      case "CommaDelimitedList", "List<Number>", "List<String>" -> lists.add(name);
      default ->
          throw new TemplateException(
              "Parameters." + name + ".Type: " + type + " is not supported by the local run.");
    }
    if (declaration.get("AllowedValues") instanceof List<?> allowed
        && allowed.stream().map(String::valueOf).noneMatch(value::equals)) {
      throw wrong(name, value, "is not one of " + allowed);
    }
    if (declaration.get("AllowedPattern") instanceof String pattern && !value.matches(pattern)) {
      throw wrong(name, value, "does not match " + pattern);
    }
    bound(name, declaration.get("MinValue"), declaration.get("MaxValue"), value, type);
  }

  private static void bound(
      String name, @Nullable Object min, @Nullable Object max, String value, String type) {
    if (!type.equals("Number")) {
      return;
    }
    double number = Double.parseDouble(value);
    if (min != null && number < Double.parseDouble(min.toString())) {
      throw wrong(name, value, "is less than " + min);
    }
    if (max != null && number > Double.parseDouble(max.toString())) {
      throw wrong(name, value, "is more than " + max);
    }
  }

  private static TemplateException wrong(String name, String value, String why) {
    return new TemplateException("The parameter " + name + ": '" + value + "' " + why + ".");
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** Returns the value of {@code !Ref}: a string, or a list of strings for a list type. */
  Object value(String name) {
    String value = String.valueOf(values.get(name));
    if (!lists.contains(name)) {
      return value;
    }
    List<String> parts = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      parts.add(part.strip());
    }
    return parts;
  }

  Map<String, String> values() {
    return values;
  }
}
