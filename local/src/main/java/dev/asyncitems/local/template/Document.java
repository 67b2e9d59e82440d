package dev.asyncitems.local.template;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A parser that turns a template file into maps, lists and scalars. Short tags get their long form.
 * For example, {@code !Sub x} becomes a map.
 */
record Document(String name) {

  static Map<String, Object> read(Path file) {
    return new Document(String.valueOf(file.getFileName())).parse(text(file));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new TemplateException("There is no template at " + file + ".", e);
    } catch (MalformedInputException e) {
      throw new TemplateException("The template " + file + " is not UTF-8.", e);
    } catch (IOException e) {
      throw new TemplateException("The template " + file + " can't be read: " + e, e);
    }
  }

  private Map<String, Object> parse(String text) {
    try {
      LoadSettings settings =
          LoadSettings.builder().setLabel(name).setSchema(new CoreSchema()).build();
      Node root =
          new Compose(settings)
              .composeString(text)
              .orElseThrow(() -> new TemplateException("The template " + name + " is empty."));
      if (value(root) instanceof Map<?, ?> map) {
        return strings(map);
      }
      throw new TemplateException("The template " + name + " is not a mapping.");
    } catch (MarkedYamlEngineException e) {
      String place =
          e.getProblemMark()
              .map(mark -> ", line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
              .orElse("");
      throw new TemplateException(name + place + ": " + e.getProblem() + ".", e);
    } catch (YamlEngineException e) {
      throw new TemplateException(name + ": " + e.getMessage(), e);
    }
  }

  private @Nullable Object value(Node node) {
    Object plain =
        switch (node) {
          case MappingNode mapping -> mapping(mapping);
          case SequenceNode sequence -> {
            List<@Nullable Object> list = new ArrayList<>();
            for (Node item : sequence.getValue()) {
              list.add(value(item));
            }
            yield list;
          }
          case ScalarNode scalar -> scalar(scalar);
          default ->
              throw new TemplateException(place(node) + "this kind of YAML node is not supported.");
        };
    String tag = node.getTag().getValue();
    return tag.startsWith("!") ? tagged(tag.substring(1), plain) : plain;
  }

  private Map<String, @Nullable Object> mapping(MappingNode mapping) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new TemplateException(place(tuple.getKeyNode()) + "a key must be a string.");
      }
      if (map.containsKey(key.getValue())) {
        throw new TemplateException(place(key) + key.getValue() + " is a duplicate key.");
      }
      map.put(key.getValue(), value(tuple.getValueNode()));
    }
    return map;
  }

  private static @Nullable Object scalar(ScalarNode scalar) {
    Tag tag = scalar.getTag();
    String text = scalar.getValue();
    if (tag.equals(Tag.NULL)) {
      return null;
    }
    if (tag.equals(Tag.BOOL)) {
      return Boolean.valueOf(text);
    }
    try {
      if (tag.equals(Tag.INT)) {
        BigInteger number = new BigInteger(text);
        return number.bitLength() < 32 ? (Object) number.intValue() : number;
      }
      if (tag.equals(Tag.FLOAT)) {
        return new BigDecimal(text);
      }
    } catch (NumberFormatException e) {
      // BigInteger and BigDecimal reject values such as 0x10 or .inf, so these values stay
      // strings.
      return text;
    }
    return text;
  }

  private static Map<String, @Nullable Object> tagged(String tag, @Nullable Object value) {
    String key = tag.equals("Ref") || tag.equals("Condition") ? tag : "Fn::" + tag;
    Object argument = value;
    if (tag.equals("GetAtt") && value instanceof String text) {
      int dot = text.indexOf('.');
      argument = dot < 0 ? List.of(text) : List.of(text.substring(0, dot), text.substring(dot + 1));
    }
    return Collections.singletonMap(key, argument);
  }

  private String place(Node node) {
    return node.getStartMark()
        .map(mark -> name + ", line " + (mark.getLine() + 1) + ": ")
        .orElse(name + ": ");
  }

  @SuppressWarnings("unchecked") // The method mapping() creates only string keys.
  static Map<String, Object> strings(Map<?, ?> map) {
    return (Map<String, Object>) map;
  }
}
