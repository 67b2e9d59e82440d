package dev.asyncitems.local.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.asyncitems.local.template.Table;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Pages of a table's rows, newest first. The most informative columns come first. */
record Rows(DynamoDbClient dynamoDb, Table table) {

  /** The number of rows on a page. */
  static final int PAGE = 25;

  /** The maximum number of rows that are read to sort them. A scan has no useful order. */
  static final int LIMIT = 10_000;

  private static final Pattern UUID_V7 =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:.*");
  private static final Pattern WITH_ID =
      Pattern.compile(".*([0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{24}).*", Pattern.DOTALL);

  /**
   * Returns a page as JSON.
   *
   * @param filter a text that a value of each row contains, in upper or lower case
   * @param page the number of the page, from 1; the last page stands for all after it
   */
  String page(String filter, int page) {
    List<Map<String, AttributeValue>> all = new ArrayList<>();
    dynamoDb.scanPaginator(r -> r.tableName(table.name())).items().stream()
        .limit(LIMIT)
        .forEach(all::add);
    String wanted = filter.toLowerCase(Locale.ROOT);
    List<Map<String, AttributeValue>> found =
        all.stream().filter(row -> contains(row, wanted)).sorted(newestFirst()).toList();
    int pages = Math.max(1, (found.size() + PAGE - 1) / PAGE);
    int shown = Math.min(page, pages);

    ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", table.id());
    json.put("all", all.size()).put("limited", all.size() == LIMIT).put("found", found.size());
    json.put("page", shown).put("pages", pages);
    var onPage = found.subList((shown - 1) * PAGE, Math.min(shown * PAGE, found.size()));
    List<String> columns = columns(onPage);
    columns.forEach(json.putArray("columns")::add);
    ArrayNode rows = json.putArray("rows");
    for (var row : onPage) {
      ArrayNode values = rows.addArray();
      for (String column : columns) {
        AttributeValue value = row.get(column);
        values.add(value == null ? null : View.cut(View.shown(value)));
      }
    }
    return json.toString();
  }

  private static boolean contains(Map<String, AttributeValue> row, String wanted) {
    return row.values().stream()
        .anyMatch(value -> View.shown(value).toLowerCase(Locale.ROOT).contains(wanted));
  }

  /**
   * Returns an order by time of creation, as far as rows tell it. A UUIDv7 begins with its time.
   * Rows with other keys usually expire in the order in which they were created.
   */
  private Comparator<Map<String, AttributeValue>> newestFirst() {
    Comparator<Map<String, AttributeValue>> oldestFirst = Comparator.comparing(this::expiry);
    for (Table.KeyPart part : table.key()) {
      oldestFirst =
          part.attributeType().equals("N")
              ? oldestFirst.thenComparing(row -> new BigDecimal(value(row, part).n()))
              : oldestFirst.thenComparing(row -> View.shown(value(row, part)));
    }
    return oldestFirst.reversed();
  }

  private static AttributeValue value(Map<String, AttributeValue> row, Table.KeyPart part) {
    return Objects.requireNonNull(row.get(part.attribute())); // Each row has its key.
  }

  private BigDecimal expiry(Map<String, AttributeValue> row) {
    AttributeValue expiry = row.get(table.ttlAttribute());
    String key = View.shown(value(row, table.key().getFirst()));
    return UUID_V7.matcher(key).matches() || expiry == null || expiry.n() == null
        ? BigDecimal.ZERO
        : new BigDecimal(expiry.n());
  }

  /**
   * Returns the key, the attributes with content, times, attributes with ids, and those that only
   * indexes and expiry need. Within these groups, attributes that more rows have come first.
   */
  private List<String> columns(List<Map<String, AttributeValue>> rows) {
    Set<String> internal = new HashSet<>();
    Stream.concat(table.globalIndexes().stream(), table.localIndexes().stream())
        .flatMap(index -> index.key().stream())
        .forEach(part -> internal.add(part.attribute()));
    if (table.ttlAttribute() != null) {
      internal.add(table.ttlAttribute());
    }
    Map<String, Integer> ranks = new TreeMap<>();
    Map<String, Integer> counts = new HashMap<>();
    for (Map<String, AttributeValue> row : rows) {
      row.forEach((name, value) -> {
        ranks.merge(name, internal.contains(name) ? 3 : rank(View.shown(value)), Math::min);
        counts.merge(name, 1, Integer::sum);
      });
    }
    List<String> columns = new ArrayList<>();
    table.key().forEach(part -> columns.add(part.attribute()));
    ranks.keySet().removeAll(columns);
    ranks.keySet().stream()
        .sorted(
            Comparator.<String>comparingInt(ranks::get)
                .thenComparing(counts::get, Comparator.reverseOrder())) // then by name
        .forEach(columns::add);
    return columns;
  }

  private static int rank(String value) {
    return TIME.matcher(value).matches() ? 1 : WITH_ID.matcher(value).matches() ? 2 : 0;
  }
}
