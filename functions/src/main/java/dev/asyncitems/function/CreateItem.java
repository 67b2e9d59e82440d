package dev.asyncitems.function;

import static dev.asyncitems.settings.Setting.IDEMPOTENCY_TABLE;
import static dev.asyncitems.settings.Setting.WRITE_SHARDS;

import dev.asyncitems.http.MediaType;
import dev.asyncitems.http.Reply;
import dev.asyncitems.http.Request;
import dev.asyncitems.idempotency.IdempotencyKey;
import dev.asyncitems.item.Items.Created;
import dev.asyncitems.json.Json;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@code POST /items}: creates an item. */
public final class CreateItem extends ItemFunction {
  public CreateItem() {
    this(System.getenv(), Clock.systemUTC());
  }

  public CreateItem(Map<String, String> environment, Clock clock) {
    super(environment, clock, IDEMPOTENCY_TABLE, WRITE_SHARDS);
  }

  @Override
  CompletableFuture<Reply> answer(Request request) {
    return request.read(input -> {
      Json body = input.json(MediaType.JSON);
      Optional<IdempotencyKey> key = input.idempotencyKey();
      return () ->
          items
              .create(ItemJson.content(body), key, request.deadline())
              .thenApply(created -> reply(request, created));
    });
  }

  private static Reply reply(Request request, Created created) {
    Reply reply =
        ItemJson.reply(201, created.item())
            .with("Location", request.link(ItemJson.path(created.item().id())));
    return created.replayed() ? markIdempotentReplay(request, reply) : reply;
  }
}
