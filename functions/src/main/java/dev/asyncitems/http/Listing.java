package dev.asyncitems.http;

import dev.asyncitems.paging.Page;
import dev.asyncitems.paging.PageRequest;
import java.util.List;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;

/**
 * A list that the API returns in pages.
 *
 * @param path the list's path, without the mount
 * @param member the JSON member that holds the rows of a page
 * @param filter the query that filters the list, such as {@code status=queued}; empty for all rows
 */
public record Listing(String path, String member, String filter) {
  /** Returns the list's name in cursors, which includes the filter. */
  String name() {
    return member + "?" + filter;
  }

  /** Returns the response for a page, with a cursor and a link to the next page if there is one. */
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

  /** Writes a member with an array of rows. */
  public static <T> void write(
      JsonGenerator json, String member, List<T> rows, BiConsumer<JsonGenerator, T> writer) {
    json.writeArrayPropertyStart(member);
    rows.forEach(row -> writer.accept(json, row));
    json.writeEndArray();
  }
}
