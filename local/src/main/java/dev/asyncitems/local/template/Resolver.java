package dev.asyncitems.local.template;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A resolver of a template's intrinsic functions ("Intrinsic function reference" in the
 * CloudFormation guide). Each {@code place} is a path in the template for error messages.
 */
final class Resolver {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(!?)([^}]*)}");

  private final Surroundings surroundings;
  private final PhysicalNames names;
  private final Parameters parameters;
  private final Map<String, Object> mappings;
  private final @Nullable Object commonAlias;
  private final Map<String, Object> conditions;
  private final Map<String, Map<String, Object>> resources = new LinkedHashMap<>();
  private final Map<String, Boolean> decided = new HashMap<>();
  private final Map<String, String> physical = new HashMap<>();
  private final Set<String> underWay = new HashSet<>();

  Resolver(Map<String, Object> document, Surroundings surroundings) {
    this.surroundings = surroundings;
    this.names = new PhysicalNames(surroundings);
    this.parameters = new Parameters(section(document, "Parameters"), surroundings.parameters());
    this.mappings = section(document, "Mappings");
    this.conditions = section(document, "Conditions");
    this.commonAlias =
        section(document, "Globals").get("Function") instanceof Map<?, ?> common
            ? common.get("AutoPublishAlias")
            : null;
    for (Map.Entry<String, Object> entry : section(document, "Resources").entrySet()) {
      String place = "Resources." + entry.getKey();
      if (!(entry.getValue() instanceof Map<?, ?> raw) || !(raw.get("Type") instanceof String)) {
        throw new TemplateException(place + " has no Type.");
      }
      resources.put(entry.getKey(), Document.strings(raw));
    }
    if (resources.isEmpty()) {
      throw new TemplateException("The template has no Resources.");
    }
  }

  static Map<String, Object> section(Map<String, Object> document, String name) {
    Object section = document.get(name);
    if (section == null) {
      return Map.of();
    }
    if (section instanceof Map<?, ?> map) {
      return Document.strings(map);
    }
    throw new TemplateException(name + " is not a mapping.");
  }

  Parameters parameters() {
    return parameters;
  }

  /** Returns the unresolved resources whose condition, if any, is true. */
  Map<String, Map<String, Object>> resources() {
    Map<String, Map<String, Object>> present = new LinkedHashMap<>(resources);
    present.keySet().removeIf(id -> !isPresent(id));
    return present;
  }

  boolean isPresent(String id) {
    Map<String, Object> raw = resources.get(id);
    return raw != null && holds("Resources." + id, raw);
  }

  /** Returns whether the {@code Condition} of a resource or an output is true or missing. */
  boolean holds(String place, Map<String, Object> raw) {
    return !(raw.get("Condition") instanceof String name) || condition(place, name);
  }

  Map<String, Object> resolveMap(String place, Map<String, Object> raw) {
    return resolve(place, raw) instanceof Map<?, ?> map ? Document.strings(map) : Map.of();
  }

  /**
   * Returns the resolved value, or null for {@code AWS::NoValue}. Maps and lists omit null values.
   */
  @Nullable Object resolve(String place, @Nullable Object raw) {
    return switch (raw) {
      case Map<?, ?> map -> {
        Map<String, Object> entries = Document.strings(map);
        if (entries.size() == 1) {
          Map.Entry<String, Object> only = entries.entrySet().iterator().next();
          if (only.getKey().equals("Ref") || only.getKey().startsWith("Fn::")) {
            yield intrinsic(place, only.getKey(), only.getValue());
          }
        }
        Map<String, @Nullable Object> resolved = new LinkedHashMap<>();
        entries.forEach((key, item) -> {
          Object value = resolve(place + "." + key, item);
          if (value != null) {
            resolved.put(key, value);
          }
        });
        yield resolved;
      }
      case List<?> list -> {
        List<@Nullable Object> resolved = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
          Object value = resolve(place + "[" + i + "]", list.get(i));
          if (value != null) {
            resolved.add(value);
          }
        }
        yield resolved;
      }
      case null, default -> raw;
    };
  }

  private @Nullable Object intrinsic(String place, String function, @Nullable Object argument) {
    return switch (function) {
      case "Ref" -> ref(place, text(place, function, argument));
      case "Fn::GetAtt" -> getAtt(place, argument);
      case "Fn::Sub" -> sub(place, argument);
      case "Fn::If" -> {
        List<?> parts = list(place, function, argument, 3);
        boolean holds = condition(place, String.valueOf(parts.get(0)));
        yield resolve(place, parts.get(holds ? 1 : 2));
      }
      case "Fn::Join" -> {
        List<?> parts = list(place, function, argument, 2);
        yield String.join(
            String.valueOf(parts.get(0)), texts(place, function, resolve(place, parts.get(1))));
      }
      case "Fn::Split" -> {
        List<?> parts = list(place, function, argument, 2);
        String text = text(place, function, resolve(place, parts.get(1)));
        yield List.of(text.split(Pattern.quote(String.valueOf(parts.get(0))), -1));
      }
      case "Fn::Select" -> {
        List<?> parts = list(place, function, argument, 2);
        String index = String.valueOf(resolve(place, parts.get(0)));
        List<String> items = texts(place, function, resolve(place, parts.get(1)));
        int i = index.matches("[0-9]{1,6}") ? Integer.parseInt(index) : -1;
        if (i < 0 || i >= items.size()) {
          throw new TemplateException(
              place + ": Select has no entry " + index + " in a list of " + items.size() + ".");
        }
        yield items.get(i);
      }
      case "Fn::FindInMap" -> findInMap(place, argument);
      case "Fn::Base64" ->
          Base64.getEncoder()
              .encodeToString(
                  text(place, function, resolve(place, argument)).getBytes(StandardCharsets.UTF_8));
      case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not" -> decide(place, function, argument);
      default -> throw wrong(place, function, "is not supported by the local run.");
    };
  }

  @Nullable Object ref(String place, String id) {
    return switch (id) {
      case "AWS::NoValue" -> null;
      case "AWS::Region" -> surroundings.region();
      case "AWS::AccountId" -> surroundings.account();
      case "AWS::StackName" -> surroundings.stackName();
      case "AWS::StackId" ->
          "arn:aws:cloudformation:%s:%s:stack/%s/local"
              .formatted(surroundings.region(), surroundings.account(), surroundings.stackName());
      case "AWS::Partition" -> "aws";
      case "AWS::URLSuffix" -> "amazonaws.com";
      default -> parameters.has(id) ? parameters.value(id) : resourceRef(place, id);
    };
  }

  String resourceRef(String place, String id) {
    int dot = id.indexOf('.');
    if (dot > 0 && isFunction(id.substring(0, dot))) { // SAM defines Name.Version and Name.Alias.
      String function = id.substring(0, dot);
      Object own = properties(function).get("AutoPublishAlias");
      Object alias = own == null ? commonAlias : own;
      return getAtt(place, List.of(function, "Arn"))
          + ":"
          + (id.endsWith(".Alias") && alias != null ? alias : "1");
    }
    if (isMadeBySam(id)) {
      return names.made(id);
    }
    String type = type(place, id);
    return names.ref(type, physicalName(place, id));
  }

  private String getAtt(String place, @Nullable Object argument) {
    if (!(argument instanceof List<?> parts) || parts.size() < 2) {
      throw new TemplateException(place + ": GetAtt needs a resource and an attribute.");
    }
    String id = String.valueOf(parts.get(0));
    String attribute =
        parts.stream()
            .skip(1)
            .map(part -> String.valueOf(resolve(place, part)))
            .collect(Collectors.joining("."));
    return getAtt(place, id, attribute);
  }

  String getAtt(String place, String id, String attribute) {
    if (isMadeBySam(id)) {
      return names.attribute(
          place,
          id.endsWith("Role") ? "AWS::IAM::Role" : "AWS::ApiGatewayV2::Api",
          names.made(id),
          attribute);
    }
    return names.attribute(place, type(place, id), physicalName(place, id), attribute);
  }

  /** Returns whether SAM creates a resource: a function's role, or the API of HttpApi events. */
  private boolean isMadeBySam(String id) {
    if (resources.containsKey(id)) {
      return false;
    }
    if (id.equals("ServerlessHttpApi")) {
      return true;
    }
    String function = id.endsWith("Role") ? id.substring(0, id.length() - 4) : "";
    return isFunction(function) && !properties(function).containsKey("Role");
  }

  private boolean isFunction(String id) {
    Map<String, Object> raw = resources.get(id);
    return raw != null && Resources.FUNCTION.equals(raw.get("Type"));
  }

  private Map<String, Object> properties(String id) {
    Map<String, Object> raw = resources.get(id);
    return raw != null && raw.get("Properties") instanceof Map<?, ?> map
        ? Document.strings(map)
        : Map.of();
  }

  private String type(String place, String id) {
    Map<String, Object> raw = resources.get(id);
    if (raw == null) {
      throw new TemplateException(
          place + ": there is no parameter or resource named " + id + " in the template.");
    }
    if (!isPresent(id)) {
      throw new TemplateException(place + ": it refers to " + id + ", whose condition is false.");
    }
    return String.valueOf(raw.get("Type"));
  }

  String physicalName(String place, String id) {
    String known = physical.get(id);
    if (known != null) {
      return known;
    }
    if (!underWay.add(id)) {
      throw new TemplateException(place + ": the name of " + id + " depends on itself.");
    }
    String property = PhysicalNames.nameProperty(type(place, id));
    Object given =
        resolve("Resources." + id + ".Properties." + property, properties(id).get(property));
    String name = given == null ? names.made(id) : given.toString();
    underWay.remove(id);
    physical.put(id, name);
    return name;
  }

  private String sub(String place, @Nullable Object argument) {
    String text;
    Map<String, Object> own = Map.of();
    if (argument instanceof List<?> parts
        && parts.size() == 2
        && parts.get(1) instanceof Map<?, ?> map) {
      text = text(place, "Fn::Sub", parts.get(0));
      own = Document.strings(map);
    } else {
      text = text(place, "Fn::Sub", argument);
    }
    Matcher matcher = VARIABLE.matcher(text);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      String name = matcher.group(2).strip();
      String replacement;
      if (matcher.group(1).equals("!")) {
        replacement = "${" + matcher.group(2) + "}";
      } else if (own.containsKey(name)) {
        replacement = text(place, "Fn::Sub", resolve(place, own.get(name)));
      } else if (name.contains(".") && !isVersion(name)) {
        int dot = name.indexOf('.');
        replacement = getAtt(place, name.substring(0, dot), name.substring(dot + 1));
      } else {
        replacement = text(place, "Fn::Sub", ref(place, name));
      }
      matcher.appendReplacement(result, Matcher.quoteReplacement(replacement));
    }
    return matcher.appendTail(result).toString();
  }

  private boolean isVersion(String name) {
    return (name.endsWith(".Version") || name.endsWith(".Alias"))
        && isFunction(name.substring(0, name.indexOf('.')));
  }

  private @Nullable Object findInMap(String place, @Nullable Object argument) {
    List<?> parts = list(place, "Fn::FindInMap", argument, 3);
    List<String> keys = new ArrayList<>();
    Object here = mappings;
    for (Object part : parts) {
      String key = String.valueOf(resolve(place, part));
      keys.add(key);
      here = here instanceof Map<?, ?> map ? map.get(key) : null;
      if (here == null) {
        throw new TemplateException(place + ": Mappings has no " + String.join(".", keys) + ".");
      }
    }
    return here;
  }

  /**
   * Checks the parameters against the template's rules ("Rules", AWS CloudFormation User Guide).
   */
  void checkRules(Map<String, Object> rules) {
    for (Map.Entry<String, Object> entry : rules.entrySet()) {
      Props rule = Props.of("Rules." + entry.getKey(), entry.getValue());
      Object when = rule.values().get("RuleCondition");
      if (when != null && !truth(rule.place(), when)) {
        continue;
      }
      if (!(rule.values().get("Assertions") instanceof List<?> assertions)) {
        throw new TemplateException(rule.place() + " has no Assertions.");
      }
      for (Object each : assertions) {
        Props assertion = Props.of(rule.place() + ".Assertions", each);
        if (!truth(assertion.place(), assertion.values().get("Assert"))) {
          throw new TemplateException(
              rule.place()
                  + ": "
                  + assertion.text("AssertDescription").orElse("an assertion is false")
                  + ".");
        }
      }
    }
  }

  private boolean condition(String place, String name) {
    Boolean known = decided.get(name);
    if (known != null) {
      return known;
    }
    Object raw = conditions.get(name);
    if (raw == null) {
      throw new TemplateException(place + ": there is no condition named " + name + ".");
    }
    if (!underWay.add("Conditions." + name)) {
      throw new TemplateException("Conditions." + name + " depends on itself.");
    }
    boolean holds = truth("Conditions." + name, raw);
    underWay.remove("Conditions." + name);
    decided.put(name, holds);
    return holds;
  }

  private boolean truth(String place, @Nullable Object raw) {
    if (raw instanceof Map<?, ?> map && map.size() == 1) {
      Map.Entry<String, Object> only = Document.strings(map).entrySet().iterator().next();
      if (only.getKey().equals("Condition")) {
        return condition(place, String.valueOf(only.getValue()));
      }
      return decide(place, only.getKey(), only.getValue());
    }
    throw new TemplateException(place + " is not a condition.");
  }

  private boolean decide(String place, String function, @Nullable Object argument) {
    return switch (function) {
      case "Fn::Equals" -> {
        List<?> parts = list(place, function, argument, 2);
        yield String.valueOf(resolve(place, parts.get(0)))
            .equals(String.valueOf(resolve(place, parts.get(1))));
      }
      case "Fn::Not" -> !truth(place, list(place, function, argument, 1).get(0));
      case "Fn::And" -> list(place, function, argument, -1).stream().allMatch(c -> truth(place, c));
      case "Fn::Or" -> list(place, function, argument, -1).stream().anyMatch(c -> truth(place, c));
      default ->
          throw new TemplateException(place + ": " + function + " is not a condition function.");
    };
  }

  private static List<?> list(String place, String function, @Nullable Object argument, int size) {
    if (argument instanceof List<?> list && (size < 0 || list.size() == size)) {
      return list;
    }
    throw wrong(place, function, "needs a list" + (size < 0 ? "." : " of " + size + "."));
  }

  private static String text(String place, String function, @Nullable Object value) {
    if (value == null || value instanceof Map || value instanceof List) {
      throw wrong(place, function, "needs a string.");
    }
    return value.toString();
  }

  private static List<String> texts(String place, String function, @Nullable Object value) {
    return list(place, function, value, -1).stream().map(String::valueOf).toList();
  }

  private static TemplateException wrong(String place, String function, String why) {
    return new TemplateException(place + ": " + function.replace("Fn::", "!") + " " + why);
  }
}
