package dev.asyncitems.function;

import dev.asyncitems.edge.Input;
import dev.asyncitems.edge.Json;
import dev.asyncitems.edge.MediaType;
import dev.asyncitems.edge.Reply;
import dev.asyncitems.edge.Request;
import dev.asyncitems.item.ItemId;
import dev.asyncitems.item.Items;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@code PATCH /items/{id}}: changes a part of an item. */
public final class PatchItem extends HttpFunction {
  private final Items items;

  /** The function as Lambda makes it. */
  public PatchItem() {
    this(System.getenv(), Clock.systemUTC());
    Snapshot.of(System.getenv(), Clock.systemUTC(), PatchItem.class, PatchItem::new);
  }

  /**
   * The function in another environment.
   *
   * @throws IllegalStateException if variables are missing or malformed
   */
  public PatchItem(Map<String, String> environment, Clock clock) {
    this(new Wiring(environment, clock, Setting.ITEMS_TABLE));
  }

  private PatchItem(Wiring wiring) {
    super(wiring.log(PatchItem.class), wiring::close);
    items = wiring.items();
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    ItemId id = ItemJson.id(request);
    Input input = request.input();
    Optional<Json> body = input.json(List.of(MediaType.MERGE_PATCH, MediaType.JSON));
    var preconditions = input.preconditions();
    input.check();
    return items
        .patch(
            id,
            ItemJson.patch(body.orElseThrow()),
            ItemJson.match(preconditions),
            request.deadline())
        .thenApply(Refusals::unwrap)
        .thenApply(item -> ItemJson.reply(200, item));
  }
}
