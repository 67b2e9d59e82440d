package dev.asyncitems.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * A file of items to import. Some of its lines are bad and some are blank. The names of its items
 * and a rejected line of its import tell the file.
 *
 * @param name a name without {@code /}, {@code ~} and {@code "}, which ends with a hyphen and the
 *     number of lines
 */
record ImportFile(String name) {
  static final String TYPE = "application/x-ndjson";

  private static final Pattern ITEM = Pattern.compile("(.+-[0-9]+) line ([0-9]+)");

  /** Returns a file with this many lines, whose name begins with a text. */
  static ImportFile of(String begin, int lines) {
    return new ImportFile(begin + "-" + lines);
  }

  /** Returns the file of an import whose first chunk is done. */
  static ImportFile of(JsonNode imported) {
    JsonNode first = imported.required("failures").required(0).required("violations");
    return new ImportFile(first.required(0).required("pointer").asString().substring(1));
  }

  String text() {
    return numbers().mapToObj(this::line).collect(Collectors.joining("\n"));
  }

  private IntStream numbers() {
    return IntStream.rangeClosed(1, Integer.parseInt(name.substring(name.lastIndexOf('-') + 1)));
  }

  private String line(int number) {
    String item = "{\"name\":\"%s line %d\",\"price\":1}".formatted(name, number);
    if (isBlank(number)) {
      return "";
    }
    if (number == 1) {
      return item.replace("}", ",\"%s\":1}".formatted(name)); // an unknown member
    }
    return isBad(number) ? item.substring(0, item.length() - 1) : item;
  }

  private static boolean isBlank(int number) {
    return number % 11 == 0;
  }

  private static boolean isBad(int number) {
    return !isBlank(number) && (number == 1 || number % 7 == 0);
  }

  /** Returns the numbers of the lines that become items. */
  List<Integer> good() {
    return numbers().filter(number -> !isBlank(number) && !isBad(number)).boxed().toList();
  }

  /** Returns the numbers of the lines that are rejected. */
  List<Integer> bad() {
    return numbers().filter(ImportFile::isBad).boxed().toList();
  }

  /**
   * Returns how the imports and the items contradict the files.
   *
   * @param imports all imports with their rejected lines
   * @param names the names of all items, oldest first
   */
  static List<String> judge(List<JsonNode> imports, List<String> names) {
    List<String> violations = new ArrayList<>();
    imports.stream()
        .filter(imported -> !isExact(imported))
        .forEach(imported -> violations.add("an import with a wrong result: " + imported));
    Map<String, Long> times =
        imports.stream()
            .filter(ImportFile::isExact)
            .collect(Collectors.groupingBy(one -> of(one).name(), Collectors.counting()));
    Map<String, List<Integer>> created =
        names.stream()
            .map(ITEM::matcher)
            .filter(Matcher::matches)
            .collect(
                Collectors.groupingBy(
                    item -> item.group(1),
                    Collectors.mapping(
                        item -> Integer.valueOf(item.group(2)), Collectors.toList())));
    Set<String> files = new HashSet<>(times.keySet());
    files.addAll(created.keySet());
    for (String file : files) {
      List<Integer> items = created.getOrDefault(file, List.of());
      long imported = times.getOrDefault(file, 0L);
      List<Integer> wanted =
          new ImportFile(file)
              .good().stream()
                  .flatMap(line -> IntStream.range(0, (int) imported).mapToObj(i -> line))
                  .toList();
      if (!items.stream().sorted(Comparator.naturalOrder()).toList().equals(wanted)) {
        violations.add(
            "items lost or doubled: %s, imported %d times, became %s"
                .formatted(file, imported, items));
      } else if (imported == 1 && !items.equals(wanted)) {
        violations.add("items in another order than their lines: " + file + " became " + items);
      }
    }
    return violations;
  }

  private static boolean isExact(JsonNode imported) {
    if (!imported.required("status").asString().equals("done")
        || imported.required("failures").isEmpty()) {
      return false;
    }
    ImportFile file = of(imported);
    int created = imported.required("created").asInt();
    int rejected = imported.required("rejected").asInt();
    List<Integer> failures =
        imported
            .required("failures")
            .valueStream()
            .map(one -> one.required("line").asInt())
            .toList();
    return created == file.good().size()
        && rejected == file.bad().size()
        && imported.required("total").asInt() == created + rejected
        && failures.equals(file.bad())
        && imported.has("startedAt")
        && imported.has("finishedAt");
  }

  /** Returns whether a later answer about an import contradicts an earlier one. */
  static boolean wentBack(JsonNode before, JsonNode now) {
    return stage(now) < stage(before)
        || now.required("created").asInt() < before.required("created").asInt()
        || now.required("rejected").asInt() < before.required("rejected").asInt()
        || now.required("total").asInt() != before.required("total").asInt()
        || now.required("created").asInt() + now.required("rejected").asInt()
            > now.required("total").asInt();
  }

  private static int stage(JsonNode imported) {
    return List.of("queued", "running", "failed", "done")
        .indexOf(imported.required("status").asString());
  }
}
