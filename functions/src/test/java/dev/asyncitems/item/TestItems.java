package dev.asyncitems.item;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Values of items for all tests, built by the names of their members. A new member needs a change
 * only here and in its own tests.
 */
public final class TestItems {
  /** Content with every member. */
  public static final ItemContent LAMP =
      new ItemContent("lamp", Optional.of("bright"), price("1.5"), List.of("home", "light"));

  /** Content with every member, each different from the member of {@link #LAMP}. */
  public static final ItemContent DESK =
      new ItemContent("desk", Optional.of("of oak"), price("99"), List.of("office"));

  /** Content whose members all violate a rule. */
  public static final ItemContent BROKEN =
      new ItemContent(" ", Optional.of("\u0000"), price("-1"), List.of(" "));

  private TestItems() {}

  /** Returns content without any optional member. */
  public static ItemContent named(String name) {
    return new ItemContent(name, Optional.empty(), price("1"), List.of());
  }

  /** Returns a price from its decimal text. */
  public static Price price(String decimal) {
    return new Price(new BigDecimal(decimal));
  }

  /** Returns a copy of a record with another value for one component. */
  public static <R extends Record> R with(R value, String component, Object other) {
    RecordComponent[] components = value.getClass().getRecordComponents();
    if (!components(value.getClass()).contains(component)) {
      throw new AssertionError(component + " is none of " + components(value.getClass()));
    }
    Object[] values =
        Arrays.stream(components)
            .map(one -> one.getName().equals(component) ? other : get(value, one))
            .toArray();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      @SuppressWarnings("unchecked") // The value has the type R.
      R copy = (R) value.getClass().getDeclaredConstructor(types).newInstance(values);
      return copy;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Returns the names of a record's components, sorted. */
  public static Set<String> components(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(RecordComponent::getName)
        .collect(toCollection(TreeSet::new));
  }

  /**
   * Returns one pair of a member's name and changed content for each member of {@link #LAMP}.
   * Optional members have a second pair, in which they are absent.
   */
  public static Stream<Arguments> changes() {
    return Arrays.stream(ItemContent.class.getRecordComponents())
        .flatMap(component -> {
          Object other = get(DESK, component);
          if (other.equals(get(LAMP, component)) || other.equals(Optional.empty())) {
            throw new AssertionError(component.getName() + " must differ between LAMP and DESK");
          }
          Stream<Object> values =
              other instanceof Optional ? Stream.of(other, Optional.empty()) : Stream.of(other);
          return values.map(
              value -> arguments(component.getName(), with(LAMP, component.getName(), value)));
        });
  }

  private static Object get(Record value, RecordComponent component) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
