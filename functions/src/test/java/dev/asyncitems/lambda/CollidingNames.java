package dev.asyncitems.lambda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.sym.ByteQuadsCanonicalizer;
import tools.jackson.core.sym.CharsToNameCanonicalizer;

/**
 * Finds names that collide in the symbol tables of a JSON factory. Jackson has two tables. The
 * first is for UTF-8 input, and holds a name as an array of four-byte integers. The second is for
 * character input. Both hash with a seed, which this class reads from the factory. A client does
 * not know the seed, but can collide names of five to eight bytes without it.
 */
final class CollidingNames {
  private static final String ALPHABET =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

  /** The size at which a table throws on too many collisions. */
  private static final int BUCKETS = 2_048;

  private CollidingNames() {}

  /** Returns, for each name, other names that collide with it in the table for bytes. */
  static Map<String, List<String>> inBytes(
      JsonFactory factory, Collection<String> names, int count) {
    ByteQuadsCanonicalizer table =
        field(factory, "_byteSymbolCanonicalizer", ByteQuadsCanonicalizer.class);
    return collide(names, count, name -> hash(table, name));
  }

  /** Returns, for each name, other names that collide with it in the table for characters. */
  static Map<String, List<String>> inChars(
      JsonFactory factory, Collection<String> names, int count) {
    CharsToNameCanonicalizer table =
        field(factory, "_rootCharSymbols", CharsToNameCanonicalizer.class);
    // The table's own method keeps only the bits for its present size.
    return collide(
        names,
        count,
        name -> {
          int hash = table.calcHash(name);
          hash += hash >>> 15;
          hash ^= hash << 7;
          return hash + (hash >>> 3);
        });
  }

  private static Map<String, List<String>> collide(
      Collection<String> names, int count, ToIntFunction<String> hash) {
    Map<Integer, List<String>> byBucket = new HashMap<>();
    Map<String, List<String>> byName = new HashMap<>();
    for (String name : names) {
      int bucket = hash.applyAsInt(name) & (BUCKETS - 1);
      byName.put(name, byBucket.computeIfAbsent(bucket, empty -> new ArrayList<>()));
    }
    SplittableRandom random = new SplittableRandom(1);
    char[] letters = new char[8];
    for (int left = byBucket.size(); left > 0; ) {
      for (int i = 0; i < letters.length; i++) {
        letters[i] = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
      }
      String candidate = new String(letters);
      List<String> bucket = byBucket.get(hash.applyAsInt(candidate) & (BUCKETS - 1));
      if (bucket != null && bucket.size() < count) {
        bucket.add(candidate);
        left -= bucket.size() == count ? 1 : 0;
      }
    }
    return byName;
  }

  private static int hash(ByteQuadsCanonicalizer table, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int[] quads = new int[(bytes.length + 3) / 4];
    // Unused bytes of the last integer are filled with ones, from the left.
    if (bytes.length % 4 != 0) {
      quads[quads.length - 1] = -1;
    }
    for (int i = 0; i < bytes.length; i++) {
      quads[i / 4] = (quads[i / 4] << 8) | bytes[i];
    }
    return switch (quads.length) {
      case 1 -> table.calcHash(quads[0]);
      case 2 -> table.calcHash(quads[0], quads[1]);
      case 3 -> table.calcHash(quads[0], quads[1], quads[2]);
      default -> table.calcHash(quads, quads.length);
    };
  }

  private static <T> T field(JsonFactory factory, String name, Class<T> type) {
    try {
      var field = JsonFactory.class.getDeclaredField(name);
      field.setAccessible(true);
      return type.cast(field.get(factory));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this Jackson keeps its table elsewhere", e);
    }
  }
}
