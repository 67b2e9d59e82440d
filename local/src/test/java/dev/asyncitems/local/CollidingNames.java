package dev.asyncitems.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Names of JSON members that share one hash in Jackson's table of names. They contain only
 * characters that names of message attributes may have.
 *
 * <p>Jackson hashes a name of five to eight bytes as two 32-bit numbers, its first four bytes and
 * the rest. It adds its secret seed only afterwards, so the seed does not prevent collisions.
 */
public final class CollidingNames {

  /** More names than the table can store. */
  public static final int MANY = 600;

  private static final byte[] CHARACTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".getBytes(UTF_8);

  /** The inverse of 33 among the 32-bit numbers. */
  private static final int BY_33 = 0x3E0F83E1;

  private CollidingNames() {}

  /** Returns different names of eight bytes that collide with a name of five to eight bytes. */
  public static List<String> with(String name, int count) {
    byte[] bytes = name.getBytes(UTF_8);
    int hash = mixed(number(bytes, 0, 4)) + 33 * number(bytes, 4, bytes.length);
    Random random = new Random(1);
    Set<String> names = new LinkedHashSet<>();
    while (names.size() < count) {
      byte[] found = new byte[8];
      for (int i = 0; i < 4; i++) {
        found[i] = CHARACTERS[random.nextInt(CHARACTERS.length)];
      }
      int rest = (hash - mixed(number(found, 0, 4))) * BY_33;
      for (int i = 7; i >= 4; i--) {
        found[i] = (byte) rest;
        rest >>>= 8;
      }
      if (areAllowed(found)) {
        names.add(new String(found, ISO_8859_1));
      }
    }
    return new ArrayList<>(names);
  }

  /** Returns a JSON object with these members. */
  public static byte[] object(List<String> names) {
    return ("{\"" + String.join("\":1,\"", names) + "\":1}").getBytes(UTF_8);
  }

  private static boolean areAllowed(byte[] bytes) {
    byte[] sorted = CHARACTERS.clone();
    Arrays.sort(sorted);
    for (byte b : bytes) {
      if (Arrays.binarySearch(sorted, b) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns up to four bytes as a number, padded with 1 bits like in Jackson. */
  private static int number(byte[] bytes, int from, int to) {
    int number = to - from < 4 ? -1 : 0;
    for (int i = from; i < to; i++) {
      number = (number << 8) | (bytes[i] & 0xFF);
    }
    return number;
  }

  private static int mixed(int first) {
    int hash = first + (first >>> 15);
    return hash ^ (hash >>> 9);
  }
}
