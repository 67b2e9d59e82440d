package dev.asyncitems.http;

import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.util.List;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;

/**
 * A list that is given page by page.
 *
 * @param path where it is found
 * @param member the member of a page that holds its rows
 * @param filter the query that filters it, such as {@code status=queued}; empty for all rows
 */
public record Listing(String path, String member, String filter) {
  /** How its cursors name it; a cursor of one filter is none of another. */
  String name() {
    return member + "?" + filter;
  }

  /** The reply that holds a page; with the next page's cursor and link, unless it is the last. */
  public <T> Reply reply(
      Request request, Page<T> page, PageRequest wanted, BiConsumer<JsonGenerator, T> writer) {
    var cursor = page.next().map(next -> Cursor.write(name(), next));
    Reply reply =
        Reply.of(
            200,
            json -> {
              json.writeStartObject();
              write(json, member, page.rows(), writer);
              cursor.ifPresent(next -> json.writeStringProperty("nextCursor", next));
              json.writeEndObject();
            });
    String query = filter.isEmpty() ? "" : filter + "&";
    return cursor
        .map(next ->
            request.link(path) + "?" + query + "limit=" + wanted.limit() + "&cursor=" + next)
        .map(link -> reply.with("Link", "<" + link + ">; rel=\"next\""))
        .orElse(reply);
  }

  /** Writes a member that is an array. */
  public static <T> void write(
      JsonGenerator json, String member, List<T> rows, BiConsumer<JsonGenerator, T> writer) {
    json.writeArrayPropertyStart(member);
    rows.forEach(row -> writer.accept(json, row));
    json.writeEndArray();
  }
}
