package dev.asyncitems.http;

import dev.asyncitems.json.Json;
import dev.asyncitems.value.TextRule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A reader of the members of a JSON object. It collects faults, reads a faulty member as absent,
 * and reports all faults in {@link #check}. For an optional member, {@code null} means absent. Not
 * thread-safe.
 */
public final class Fields {
  private static final int MAX_LITERAL = 1_000;

  // Clients choose the names of unknown members. The limits keep the response far below the 6 MB
  // that Lambda accepts.
  private static final int MAX_UNKNOWN = 100;
  private static final int MAX_NAME = 100;

  private final Map<String, Json> members;
  private final Set<String> known = new HashSet<>();
  private final List<Violation> faults = new ArrayList<>();

  /** Creates a reader. A value other than an object is a fault. */
  public Fields(Json value) {
    if (value instanceof Json.Obj(Map<String, Json> given)) {
      members = given;
    } else {
      members = Map.of();
      faults.add(Violation.at("", "the body must be a JSON object"));
    }
  }

  /** Allows members and ignores their values. */
  public void ignore(String... names) {
    List.of(names).forEach(this::value);
  }

  /** Reads a required member, which must not be {@code null}. */
  public <T> Optional<T> required(String name, BiFunction<Fields, String, Optional<T>> reader) {
    Json value = members.get(name);
    if (value == null) {
      // If the body is not an object, only that fault is reported.
      if (faults.stream().noneMatch(fault -> fault.name().isEmpty())) {
        fault(name, "is required");
      }
      return Optional.empty();
    }
    return notNull(name, reader);
  }

  /** Reads an optional member that must not be {@code null}. */
  public <T> Optional<T> notNull(String name, BiFunction<Fields, String, Optional<T>> reader) {
    if (members.get(name) instanceof Json.Null) {
      known.add(name);
      fault(name, "must not be null");
      return Optional.empty();
    }
    return reader.apply(this, name);
  }

  /**
   * Reads a member of a patch. The outer result is empty for an absent member. The inner result is
   * empty for {@code null} or a fault.
   */
  public <T> Optional<Optional<T>> ifGiven(
      String name, BiFunction<Fields, String, Optional<T>> reader) {
    Optional<T> value = reader.apply(this, name);
    return members.containsKey(name) ? Optional.of(value) : Optional.empty();
  }

  public Optional<String> text(String name, TextRule rule) {
    return value(name).flatMap(value -> text(value, pointer(name), rule));
  }

  /** Reads a number without rounding it. {@code rule} returns the faults of a number. */
  public Optional<BigDecimal> decimal(String name, Function<BigDecimal, List<String>> rule) {
    return value(name)
        .flatMap(value -> {
          if (!(value instanceof Json.Num(String literal))) {
            fault(name, "must be a number");
            return Optional.empty();
          }
          Optional<BigDecimal> decimal = decimal(literal);
          if (decimal.isEmpty()) {
            fault(name, "the number is too long or its exponent is too large");
            return decimal;
          }
          List<String> broken = rule.apply(decimal.get());
          broken.forEach(fault -> fault(name, fault));
          return broken.isEmpty() ? decimal : Optional.empty();
        });
  }

  /** Reads an array of at most {@code max} distinct strings. */
  public Optional<List<String>> distinctTexts(String name, TextRule rule, int max) {
    return value(name)
        .flatMap(value -> {
          if (!(value instanceof Json.Arr(List<Json> elements))) {
            fault(name, "must be an array of strings");
            return Optional.empty();
          }
          int before = faults.size();
          if (elements.size() > max) {
            fault(name, "must have at most " + max + " elements, but has " + elements.size());
          }
          List<String> texts = new ArrayList<>();
          // Elements beyond the limit are not read, so that the response stays small.
          for (int i = 0; i < Math.min(elements.size(), max); i++) {
            String pointer = pointer(name) + "/" + i;
            text(elements.get(i), pointer, rule)
                .ifPresent(text -> {
                  if (texts.contains(text)) {
                    faults.add(Violation.at(pointer, "must not repeat an earlier element"));
                  }
                  texts.add(text);
                });
          }
          return faults.size() == before ? Optional.of(texts) : Optional.empty();
        });
  }

  /**
   * Ends the reading. Members that were neither read nor ignored are faults.
   *
   * @throws ProblemException 422 with all faults, if there are any
   */
  public void check() {
    List<String> unknown = members.keySet().stream().filter(name -> !known.contains(name)).toList();
    unknown.stream().limit(MAX_UNKNOWN).forEach(name -> fault(name, "is not a known member"));
    if (unknown.size() > MAX_UNKNOWN) {
      faults.add(Violation.at("", unknown.size() - MAX_UNKNOWN + " more members are unknown"));
    }
    if (!faults.isEmpty()) {
      throw new ProblemException(Problem.invalid(faults));
    }
  }

  private Optional<Json> value(String name) {
    known.add(name);
    return Optional.ofNullable(members.get(name)).filter(value -> !(value instanceof Json.Null));
  }

  private Optional<String> text(Json value, String pointer, TextRule rule) {
    if (!(value instanceof Json.Str(String text))) {
      faults.add(Violation.at(pointer, "must be a string"));
      return Optional.empty();
    }
    List<String> broken = rule.faults(text);
    broken.forEach(fault -> faults.add(Violation.at(pointer, fault)));
    return broken.isEmpty() ? Optional.of(text) : Optional.empty();
  }

  private static Optional<BigDecimal> decimal(String literal) {
    if (literal.length() > MAX_LITERAL) {
      return Optional.empty();
    }
    try {
      return Optional.of(new BigDecimal(literal));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private void fault(String name, String detail) {
    faults.add(Violation.at(pointer(name), detail));
  }

  // Escapes a name (RFC 6901, 3). A long name is cut. An unpaired surrogate is replaced, since
  // UTF-8 cannot encode it.
  private static String pointer(String name) {
    StringBuilder shown = new StringBuilder();
    name.codePoints()
        .limit(MAX_NAME)
        .map(c -> c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c)
        .forEach(shown::appendCodePoint);
    String cut = name.codePoints().skip(MAX_NAME).findAny().isPresent() ? "…" : "";
    return "/" + shown.toString().replace("~", "~0").replace("/", "~1") + cut;
  }
}
