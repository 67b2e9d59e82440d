package dev.asyncitems.local.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The template's parameters with given or default values. */
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
    declared.forEach((name, content) -> {
      if (!(content instanceof Map<?, ?> declaration)) {
        throw new TemplateException("Parameters." + name + " is not a mapping.");
      }
      Object value = given.containsKey(name) ? given.get(name) : declaration.get("Default");
      if (value == null) {
        throw new TemplateException(
            "The parameter " + name + " has no default and was given no value.");
      }
      check(name, declaration, value.toString());
      values.put(name, value.toString());
    });
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
    if (type.equals("Number")) {
      checkBounds(name, declaration.get("MinValue"), declaration.get("MaxValue"), value);
    }
  }

  private static void checkBounds(
      String name, @Nullable Object min, @Nullable Object max, String value) {
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
    return lists.contains(name)
        ? Arrays.stream(value.split(",", -1)).map(String::strip).toList()
        : value;
  }

  Map<String, String> values() {
    return values;
  }
}
