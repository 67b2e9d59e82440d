package dev.asyncitems.function;

import dev.asyncitems.edge.Input;
import dev.asyncitems.edge.Json;
import dev.asyncitems.edge.MediaType;
import dev.asyncitems.edge.Reply;
import dev.asyncitems.edge.Request;
import dev.asyncitems.item.Item;
import dev.asyncitems.item.Items;
import dev.asyncitems.kernel.Accepted;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@code POST /items}: creates an item. */
public final class CreateItem extends HttpFunction {
  private final Items items;

  /** The function as Lambda makes it. */
  public CreateItem() {
    this(System.getenv(), Clock.systemUTC());
    Snapshot.of(System.getenv(), Clock.systemUTC(), CreateItem.class, CreateItem::new);
  }

  /**
   * The function in another environment.
   *
   * @throws IllegalStateException if variables are missing or malformed
   */
  public CreateItem(Map<String, String> environment, Clock clock) {
    this(
        new Wiring(
            environment,
            clock,
            Setting.ITEMS_TABLE,
            Setting.IDEMPOTENCY_TABLE,
            Setting.WRITE_SHARDS));
  }

  private CreateItem(Wiring wiring) {
    super(wiring.log(CreateItem.class), wiring::close);
    items = wiring.items();
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    Input input = request.input();
    Optional<Json> body = input.json(List.of(MediaType.JSON));
    var claim = input.idempotency();
    input.check();
    return items
        .create(ItemJson.content(body.orElseThrow()), claim, request.deadline())
        .thenApply(Refusals::unwrap)
        .thenApply(created -> reply(request, created));
  }

  private static Reply reply(Request request, Accepted<Item> created) {
    return Replays.mark(
        request,
        ItemJson.reply(201, created.value())
            .with("Location", request.link(ItemJson.path(created.value().id()))),
        created.replayed());
  }
}
