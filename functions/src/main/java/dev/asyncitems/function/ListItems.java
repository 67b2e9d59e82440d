package dev.asyncitems.function;

import dev.asyncitems.edge.Input;
import dev.asyncitems.edge.Listing;
import dev.asyncitems.edge.Reply;
import dev.asyncitems.edge.Request;
import dev.asyncitems.item.Items;
import dev.asyncitems.kernel.PageRequest;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** {@code GET /items}: lists items, newest first. */
public final class ListItems extends HttpFunction {
  private static final Listing LISTING = new Listing("/items", "items", "");

  private final Items items;

  /** The function as Lambda makes it. */
  public ListItems() {
    this(System.getenv(), Clock.systemUTC());
    Snapshot.of(System.getenv(), Clock.systemUTC(), ListItems.class, ListItems::new);
  }

  /**
   * The function in another environment.
   *
   * @throws IllegalStateException if variables are missing or malformed
   */
  public ListItems(Map<String, String> environment, Clock clock) {
    this(new Wiring(environment, clock, Setting.ITEMS_TABLE, Setting.READ_SHARDS));
  }

  private ListItems(Wiring wiring) {
    super(wiring.log(ListItems.class), wiring::close);
    items = wiring.items();
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    Input input = request.input();
    PageRequest wanted = input.page(LISTING);
    input.check();
    return items
        .list(wanted, request.deadline())
        .thenApply(page -> LISTING.reply(request, page, wanted, ItemJson::write));
  }
}
