package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.READ_SHARDS;

import dev.asyncitems.http.Listing;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.paging.PageRequest;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** {@code GET /items}: lists items, newest first. */
public final class ListItems extends ItemFunction {
  private static final Listing LISTING = new Listing("/items", "items", "");

  public ListItems() {
    this(System.getenv(), Clock.systemUTC());
  }

  public ListItems(Map<String, String> environment, Clock clock) {
    super(environment, clock, READ_SHARDS);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    return request.read(input -> {
      PageRequest wanted = input.page(LISTING);
      return () ->
          items
              .list(wanted, request.deadline())
              .thenApply(page -> LISTING.reply(request, page, wanted, ItemJson::write));
    });
  }
}
