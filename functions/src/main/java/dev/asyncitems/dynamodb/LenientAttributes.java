package dev.asyncitems.dynamodb;

import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.AttributeConverter;
import software.amazon.awssdk.enhanced.dynamodb.AttributeConverterProvider;
import software.amazon.awssdk.enhanced.dynamodb.AttributeValueType;
import software.amazon.awssdk.enhanced.dynamodb.EnhancedType;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttribute;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Declarations of attributes that can be read from any row. A value of another type is read as text
 * if text is expected, and as absent otherwise. One malformed row must not fail its whole page.
 */
final class LenientAttributes {
  private static final AttributeConverterProvider CONVERTERS =
      AttributeConverterProvider.defaultProvider();
  private static final AttributeConverter<String> TEXT =
      CONVERTERS.converterFor(EnhancedType.of(String.class));
  private static final AttributeConverter<List<String>> TEXTS =
      CONVERTERS.converterFor(EnhancedType.listOf(String.class));

  private LenientAttributes() {}

  /** Declares a text attribute. */
  static <R> Consumer<StaticAttribute.Builder<R, String>> text(
      String name, Function<R, @Nullable String> getter, BiConsumer<R, String> setter) {
    return attribute(name, TEXT, value -> read(TEXT, value), getter, setter);
  }

  /** Declares a number attribute. */
  static <R, N extends Number> Consumer<StaticAttribute.Builder<R, N>> number(
      String name, Class<N> type, Function<R, @Nullable N> getter, BiConsumer<R, N> setter) {
    AttributeConverter<N> converter = CONVERTERS.converterFor(EnhancedType.of(type));
    // The SDK would also read a number from text, even 1e999999999 with its billion digits.
    return attribute(
        name,
        converter,
        value -> value.n() == null ? null : read(converter, value),
        getter,
        setter);
  }

  /**
   * Declares a list of texts. A value other than a list is read as its only element. Elements that
   * cannot be read as text are left out.
   */
  static <R> Consumer<StaticAttribute.Builder<R, List<String>>> texts(
      String name, Function<R, @Nullable List<String>> getter, BiConsumer<R, List<String>> setter) {
    return attribute(name, TEXTS, LenientAttributes::readTexts, getter, setter);
  }

  private static List<String> readTexts(AttributeValue value) {
    List<String> set = value.hasL() ? null : read(TEXTS, value);
    if (set != null) {
      return set;
    }
    List<AttributeValue> elements = value.hasL() ? value.l() : List.of(value);
    return elements.stream().map(element -> read(TEXT, element)).filter(Objects::nonNull).toList();
  }

  /** Returns the SDK's conversion of a value; null if the conversion fails or the value is null. */
  private static <T> @Nullable T read(AttributeConverter<T> converter, AttributeValue value) {
    try {
      return converter.transformTo(value);
    } catch (RuntimeException e) {
      return null;
    }
  }

  private static <R, T> Consumer<StaticAttribute.Builder<R, T>> attribute(
      String name,
      AttributeConverter<T> strict,
      Function<AttributeValue, @Nullable T> read,
      Function<R, @Nullable T> getter,
      BiConsumer<R, T> setter) {
    AttributeConverter<T> converter = new Lenient<>(strict, read);
    return attribute ->
        attribute
            .name(name)
            .attributeConverter(converter)
            .getter(getter)
            .setter((row, value) -> {
              if (value != null) {
                setter.accept(row, value);
              }
            });
  }

  /** A converter that writes like the SDK and reads leniently. */
  private record Lenient<T>(
      AttributeConverter<T> strict, Function<AttributeValue, @Nullable T> read)
      implements AttributeConverter<T> {
    @Override
    public AttributeValue transformFrom(T value) {
      return strict.transformFrom(value);
    }

    @Override
    @SuppressWarnings("NullAway") // the setter above treats null as absent
    public @Nullable T transformTo(AttributeValue value) {
      return read.apply(value);
    }

    @Override
    public EnhancedType<T> type() {
      return strict.type();
    }

    @Override
    public AttributeValueType attributeValueType() {
      return strict.attributeValueType();
    }
  }
}
