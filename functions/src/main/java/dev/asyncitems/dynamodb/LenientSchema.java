package dev.asyncitems.dynamodb;

import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.primaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondaryPartitionKey;
import static software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTags.secondarySortKey;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.AttributeConverter;
import software.amazon.awssdk.enhanced.dynamodb.AttributeConverterProvider;
import software.amazon.awssdk.enhanced.dynamodb.AttributeValueType;
import software.amazon.awssdk.enhanced.dynamodb.EnhancedType;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticAttributeTag;
import software.amazon.awssdk.enhanced.dynamodb.mapper.StaticTableSchema;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A builder of row schemas that tolerate malformed values. So one malformed row does not make a
 * whole page fail. A text attribute accepts values of all types that the SDK converts to text. A
 * number attribute reads a value of another type as absent. A list attribute reads a set as a list,
 * and a single value as a list of one element. Not thread-safe.
 */
final class LenientSchema<R> {
  private static final AttributeConverterProvider CONVERTERS =
      AttributeConverterProvider.defaultProvider();
  private static final AttributeConverter<String> TEXT =
      CONVERTERS.converterFor(EnhancedType.of(String.class));
  private static final AttributeConverter<List<String>> TEXTS =
      CONVERTERS.converterFor(EnhancedType.listOf(String.class));

  private static final AttributeConverter<ByteBuffer> BYTES =
      CONVERTERS.converterFor(EnhancedType.of(ByteBuffer.class));

  private final StaticTableSchema.Builder<R> schema;

  LenientSchema(Class<R> type, Supplier<R> newRow) {
    schema = StaticTableSchema.builder(type).newItemSupplier(newRow);
  }

  StaticTableSchema<R> build() {
    return schema.build();
  }

  /** Declares the id: the table's partition key and the timeline's sort key. */
  LenientSchema<R> id(Function<R, @Nullable String> getter, BiConsumer<R, String> setter) {
    return text("id", getter, setter, primaryPartitionKey(), secondarySortKey(Timeline.INDEX));
  }

  /** Declares the shard: the timeline's partition key. */
  LenientSchema<R> shard(Function<R, @Nullable Integer> getter, BiConsumer<R, Integer> setter) {
    return number("shard", Integer.class, getter, setter, secondaryPartitionKey(Timeline.INDEX));
  }

  LenientSchema<R> outbox(
      Function<R, OutboxAttributes> getter, BiConsumer<R, OutboxAttributes> setter) {
    schema.flatten(OutboxAttributes.SCHEMA, getter, setter);
    return this;
  }

  LenientSchema<R> text(
      String name,
      Function<R, @Nullable String> getter,
      BiConsumer<R, String> setter,
      StaticAttributeTag... tags) {
    return attribute(name, TEXT, value -> read(TEXT, value), getter, setter, tags);
  }

  <N extends Number> LenientSchema<R> number(
      String name,
      Class<N> type,
      Function<R, @Nullable N> getter,
      BiConsumer<R, N> setter,
      StaticAttributeTag... tags) {
    AttributeConverter<N> converter = CONVERTERS.converterFor(EnhancedType.of(type));
    // The SDK would also read a number from text, and turn 1e999999999 into a billion digits.
    return attribute(
        name,
        converter,
        value -> value.n() == null ? null : read(converter, value),
        getter,
        setter,
        tags);
  }

  /** Declares a list of texts. Elements that cannot be read as text are left out. */
  LenientSchema<R> texts(
      String name, Function<R, @Nullable List<String>> getter, BiConsumer<R, List<String>> setter) {
    return attribute(name, TEXTS, LenientSchema::readTexts, getter, setter);
  }

  /** Declares a binary attribute. */
  LenientSchema<R> bytes(
      String name, Function<R, @Nullable ByteBuffer> getter, BiConsumer<R, ByteBuffer> setter) {
    return attribute(name, BYTES, value -> read(BYTES, value), getter, setter);
  }

  /** Declares a list of maps, each with the attributes of a schema. Other elements are left out. */
  <E> LenientSchema<R> rows(
      String name,
      Class<E> type,
      TableSchema<E> elements,
      Function<R, @Nullable List<E>> getter,
      BiConsumer<R, List<E>> setter) {
    AttributeConverter<List<E>> converter =
        CONVERTERS.converterFor(EnhancedType.listOf(EnhancedType.documentOf(type, elements)));
    return attribute(
        name,
        converter,
        value ->
            value.l().stream()
                .filter(AttributeValue::hasM)
                .map(element -> elements.mapToItem(element.m()))
                .filter(Objects::nonNull) // The SDK reads a map without known attributes as null.
                .toList(),
        getter,
        setter);
  }

  private static List<String> readTexts(AttributeValue value) {
    List<String> set = value.hasL() ? null : read(TEXTS, value);
    if (set != null) {
      return set;
    }
    List<AttributeValue> elements = value.hasL() ? value.l() : List.of(value);
    return elements.stream().map(element -> read(TEXT, element)).filter(Objects::nonNull).toList();
  }

  /** Returns the converted value, or null if the value is null or cannot be converted. */
  private static <T> @Nullable T read(AttributeConverter<T> converter, AttributeValue value) {
    try {
      return converter.transformTo(value);
    } catch (RuntimeException e) {
      return null;
    }
  }

  private <T> LenientSchema<R> attribute(
      String name,
      AttributeConverter<T> strict,
      Function<AttributeValue, @Nullable T> read,
      Function<R, @Nullable T> getter,
      BiConsumer<R, T> setter,
      StaticAttributeTag... tags) {
    schema.addAttribute(
        strict.type(),
        attribute ->
            attribute
                .name(name)
                .attributeConverter(new Lenient<>(strict, read))
                .getter(getter)
                .setter((row, value) -> {
                  if (value != null) {
                    setter.accept(row, value);
                  }
                })
                .tags(tags));
    return this;
  }

  /** A converter that writes like the SDK's converter and reads leniently. */
  private record Lenient<T>(
      AttributeConverter<T> strict, Function<AttributeValue, @Nullable T> read)
      implements AttributeConverter<T> {
    @Override
    public AttributeValue transformFrom(T value) {
      return strict.transformFrom(value);
    }

    @Override
    @SuppressWarnings("NullAway") // The setter above treats null as absent.
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
