package dev.asyncitems.local.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A DynamoDB table of the template.
 *
 * @param id the logical id
 * @param name the physical name
 * @param key its key: the partition key and perhaps a sort key
 * @param globalIndexes its global secondary indexes
 * @param localIndexes its local secondary indexes
 * @param ttlAttribute the attribute that holds a row's time to live, if it is switched on
 */
public record Table(
    String id,
    String name,
    List<KeyPart> key,
    List<Index> globalIndexes,
    List<Index> localIndexes,
    @Nullable String ttlAttribute) {

  public Table {
    key = List.copyOf(key);
    globalIndexes = List.copyOf(globalIndexes);
    localIndexes = List.copyOf(localIndexes);
  }

  /**
   * One attribute of a key.
   *
   * @param attribute the attribute's name
   * @param keyType {@code HASH} or {@code RANGE}
   * @param attributeType {@code S}, {@code N} or {@code B}
   */
  public record KeyPart(String attribute, String keyType, String attributeType) {}

  /**
   * A secondary index.
   *
   * @param name the index's name
   * @param key its key
   * @param projection {@code ALL}, {@code KEYS_ONLY} or {@code INCLUDE}
   * @param included what {@code INCLUDE} includes
   */
  public record Index(String name, List<KeyPart> key, String projection, List<String> included) {

    public Index {
      key = List.copyOf(key);
      included = List.copyOf(included);
    }
  }
}
