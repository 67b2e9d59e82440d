package dev.asyncitems.local.template;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Resolved properties, with their path in the template for error messages. */
record Props(String place, Map<String, Object> values) {

  TemplateException wrong(String name, String why) {
    return new TemplateException(place + "." + name + ": " + why);
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  Optional<String> text(String name) {
    Object value = values.get(name);
    if (value instanceof Map || value instanceof List) {
      throw wrong(name, "it must be a string.");
    }
    return Optional.ofNullable(value).map(Object::toString);
  }

  String needText(String name) {
    return text(name).orElseThrow(() -> wrong(name, "it is missing."));
  }

  int integer(String name, int fallback, int min, int max) {
    Object value = values.get(name);
    if (value == null) {
      return fallback;
    }
    int number;
    try {
      number = new BigDecimal(value.toString()).intValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong(name, "'" + value + "' is not a whole number.");
    }
    if (number < min || number > max) {
      throw wrong(name, number + " is not between " + min + " and " + max + ".");
    }
    return number;
  }

  Duration seconds(String name, int fallback, int min, int max) {
    return Duration.ofSeconds(integer(name, fallback, min, max));
  }

  boolean flag(String name, boolean fallback) {
    Object value = values.getOrDefault(name, fallback);
    return switch (value.toString()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(name, "'" + value + "' is neither true nor false.");
    };
  }

  /** Returns the properties below a name. They are empty if the name is missing. */
  Props below(String name) {
    return of(place + "." + name, values.getOrDefault(name, Map.of()));
  }

  List<Props> each(String name) {
    List<?> items = list(name);
    return IntStream.range(0, items.size())
        .mapToObj(i -> of(place + "." + name + "[" + i + "]", items.get(i)))
        .toList();
  }

  List<String> texts(String name) {
    return list(name).stream().map(String::valueOf).toList();
  }

  /** Returns the texts below a name, in the template's order. */
  Map<String, String> textMap(String name) {
    Props entries = below(name);
    Map<String, String> texts = new LinkedHashMap<>();
    entries.values().keySet().forEach(key -> texts.put(key, entries.needText(key)));
    return Collections.unmodifiableMap(texts);
  }

  private List<?> list(String name) {
    return switch (values.get(name)) {
      case null -> List.of();
      case List<?> list -> list;
      default -> throw wrong(name, "it must be a list.");
    };
  }

  static Props of(String place, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return new Props(place, Document.strings(map));
    }
    throw new TemplateException(place + ": it must be a mapping.");
  }
}
