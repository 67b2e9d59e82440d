package dev.asyncitems.deadletters;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;

/** Generates message bodies as any sender may send them. The same seed gives the same bodies. */
final class GeneratedBodies {
  private static final int LARGEST = 1_048_576;

  private final Random random;
  private final Supplier<String> ids;

  /**
   * @param ids gives the id for the next body
   */
  GeneratedBodies(long seed, Supplier<String> ids) {
    this.random = new Random(seed);
    this.ids = ids;
  }

  /** Returns this many bodies of each form, all different. */
  List<String> each(int count) {
    List<Function<String, String>> forms =
        List.of(
            id -> member("id", id),
            id -> "{" + pair("id", id) + "," + pair("id", id) + "}",
            id -> "{" + pair("id", id) + "," + pair("id", "x") + "}",
            id -> "{" + pair("more", id) + "," + pair("id", id) + ",\"deep\":[[{}],null,1e999]}",
            id -> "{" + pair("a", id) + "," + pair("a", id) + "," + pair("id", id) + "}",
            id -> member("id", id.toUpperCase(Locale.ROOT)),
            id -> member("ID", id),
            id -> space() + "{" + space() + pair("id", id) + space() + "}" + space(),
            id -> "\ufeff" + member("id", id),
            id -> member("id", id) + trailing(),
            id -> "{\"id\":\"" + escaped(id) + "\"}",
            id -> "{\"\\u0069d\":\"" + id + "\"," + pair("id", id) + "}",
            id -> "{\"id\":" + number() + "," + pair("more", id) + "}",
            id -> "{\"id\":" + other() + "," + pair("more", id) + "}",
            id -> member("id", id.substring(random.nextInt(1, 36))),
            id -> member("id", text(random.nextInt(1, 40))),
            id -> member("id", id).substring(0, random.nextInt(1, 45)),
            id -> "[" + member("id", id) + "]",
            id -> "\"" + id + "\"",
            id -> "{'id':'" + id + "'}",
            id -> "{" + pair("id", id) + ",}",
            id -> "{" + pair("id", id) + ",\"x\":NaN}",
            id -> "{" + pair("id", id) + "/* comment */}",
            id -> "{" + pair("id", id) + "," + pair(text(20), text(2_000)) + "}",
            id -> nested(id),
            id -> "{" + collidingWithId() + pair("id", id) + "}",
            id -> "{" + colliding() + pair("id", id) + "}",
            id -> text(random.nextInt(1, 200)));
    List<String> bodies = new ArrayList<>();
    for (Function<String, String> form : forms) {
      for (int i = 0; i < count; i++) {
        bodies.add(form.apply(ids.get()));
      }
    }
    String large = member("id", ids.get());
    bodies.add(large + " ".repeat(LARGEST - large.length()));
    bodies.add("x".repeat(LARGEST));
    bodies.add("{\"a\":\"" + "y".repeat(300_000) + "\"," + pair("id", ids.get()) + "}");
    return bodies;
  }

  private static String member(String name, String value) {
    return "{" + pair(name, value) + "}";
  }

  private static String pair(String name, String value) {
    return quoted(name) + ":" + quoted(value);
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private String space() {
    StringBuilder space = new StringBuilder();
    for (int i = random.nextInt(5); i > 0; i--) {
      space.append(" \t\n\r".charAt(random.nextInt(4)));
    }
    return space.toString();
  }

  private String trailing() {
    List<String> texts = List.of(" x", "{}", ",", "\u00a0", "}", " null", "//", "1");
    return texts.get(random.nextInt(texts.size()));
  }

  private String number() {
    List<String> numbers =
        List.of("0", "-1", "7.5", "1e400", "123456789012345678901234567890", "01");
    return numbers.get(random.nextInt(numbers.size()));
  }

  private String other() {
    List<String> values = List.of("null", "true", "[]", "{}", "\"\"", "{\"id\":1}");
    return values.get(random.nextInt(values.size()));
  }

  private String escaped(String id) {
    int at = random.nextInt(id.length());
    return id.substring(0, at)
        + String.format(Locale.ROOT, "\\u%04x", (int) id.charAt(at))
        + id.substring(at + 1);
  }

  private String nested(String id) {
    int depth = random.nextInt(90, 110);
    return "{" + pair("id", id) + ",\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
  }

  /** Returns letters, marks and emoji. SQS does not accept control characters. */
  private String text(int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(
          switch (random.nextInt(6)) {
            case 0 -> 0x1F600 + random.nextInt(64);
            case 1 -> 0x4E00 + random.nextInt(4_000);
            case 2 -> 0x300 + random.nextInt(64);
            case 3 -> 0x202A + random.nextInt(5);
            default -> 0x20 + random.nextInt(95);
          });
    }
    return text.toString();
  }

  /**
   * Returns names with the same hash as {@code id} in Jackson. In the hash, each character counts
   * 33 times as much as the next one, for every seed.
   */
  static String collidingWithId() {
    StringBuilder members = new StringBuilder();
    for (int k = 1; k < 'i'; k++) {
      members.append(String.format(Locale.ROOT, "\"\\u%04x\\u%04x\":1,", 'i' - k, 'd' + 33 * k));
    }
    return members.toString();
  }

  /** Returns two hundred other names with one hash. */
  static String colliding() {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < 216; i++) {
      members.append('"');
      for (int digits = i, pair = 0; pair < 3; pair++, digits /= 6) {
        int k = digits % 6;
        members.append((char) ('p' - k)).append((char) ('a' + 33 * k));
      }
      members.append("\":1,");
    }
    return members.toString();
  }
}
